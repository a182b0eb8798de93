using Muster.Bus;
using Muster.Contracts.Detector;

namespace Muster.Detector.Judging;

/// <summary>
/// The detector's own heartbeats: the loop-back by which it hears itself, and its life for the others.
/// </summary>
/// <param name="options">Name and interval.</param>
/// <param name="incarnation">Of this detector, new at each start.</param>
/// <param name="exchange">The exchange of heartbeats that renew nothing.</param>
/// <param name="link">The link that also hears them.</param>
/// <param name="time">The clock of lags.</param>
public sealed class OwnBeats(
    DetectorOptions options, string incarnation, string exchange, IBusLink link, TimeProvider time)
{
    private static readonly SendOptions Fresh = new() { TimeToLive = TimeSpan.FromSeconds(1) };

    private readonly System.Threading.Lock _gate = new();
    private long _number;
    private long _sentAt;
    private bool _isOver;

    /// <summary>When the next is due by the clock's timestamp.</summary>
    public bool IsDue => _sentAt == 0 || time.GetElapsedTime(_sentAt) >= options.HeartbeatInterval;

    /// <summary>Sends one; after the last nothing more.</summary>
    public void Send(bool isLast = false)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }
            _isOver = isLast;
            var lag = _sentAt == 0 || isLast
                ? TimeSpan.Zero
                : time.GetElapsedTime(_sentAt) - options.HeartbeatInterval;
            _sentAt = time.GetTimestamp();
            link.Publish(
                exchange,
                new Heartbeat
                {
                    Node = options.Instance,
                    Incarnation = incarnation,
                    Number = ++_number,
                    IntervalMilliseconds = (long)options.HeartbeatInterval.TotalMilliseconds,
                    LagMilliseconds = Math.Max(0, (long)lag.TotalMilliseconds),
                    Connection = link.Incarnation,
                    IsLast = isLast,
                },
                Fresh);
        }
    }
}
