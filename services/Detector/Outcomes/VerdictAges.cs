using Muster.Contracts;

namespace Muster.Detector.Outcomes;

/// <summary>
/// Since when the verdicts stand that this replica may have to publish, by its own clock: one that waited for
/// the broker says how long, since who it is about may have come back. Thread-safe.
/// </summary>
public sealed class VerdictAges(TimeProvider time)
{
    /// <summary>More are not told apart from old ones.</summary>
    private const int Most = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(long Epoch, long Number), long> _since = [];
    private readonly Queue<(long Epoch, long Number)> _order = new();

    /// <summary>The verdict was applied just now, and not read from the log long after.</summary>
    public void Stands(EventId verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        var key = (verdict.Epoch, verdict.Number);
        lock (_gate)
        {
            if (!_since.TryAdd(key, time.GetTimestamp()))
            {
                return;
            }
            _order.Enqueue(key);
            if (_order.Count > Most)
            {
                _since.Remove(_order.Dequeue());
            }
        }
    }

    /// <summary>In milliseconds; null: this replica has not seen it come.</summary>
    public long? Of(EventId verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        lock (_gate)
        {
            return _since.TryGetValue((verdict.Epoch, verdict.Number), out var since)
                ? (long)time.GetElapsedTime(since).TotalMilliseconds
                : null;
        }
    }
}
