namespace Muster.Replication;

/// <summary>
/// The core's clock, in milliseconds since the start, and one timer that wakes the loop at the core's next
/// deadline.
/// </summary>
internal sealed class CoreTimer : IDisposable
{
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly ITimer _timer;
    private long _armedFor = long.MaxValue;

    public CoreTimer(TimeProvider time, Action wake)
    {
        _time = time;
        _startedAt = time.GetTimestamp();
        _timer = time.CreateTimer(_ => wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public long Now => (long)_time.GetElapsedTime(_startedAt).TotalMilliseconds;

    /// <summary>
    /// A later deadline than the armed one costs nothing: the wake comes early and arms the timer again.
    /// </summary>
    public void Arm(long deadline)
    {
        var now = Now;
        if (deadline >= _armedFor && _armedFor > now)
        {
            return;
        }
        _armedFor = deadline;
        var due = deadline == long.MaxValue
            ? Timeout.InfiniteTimeSpan
            : TimeSpan.FromMilliseconds(Math.Max(deadline - now, 0));
        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();
}
