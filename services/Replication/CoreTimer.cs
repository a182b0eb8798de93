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
    private volatile bool _isArmed;

    public CoreTimer(TimeProvider time, Action wake)
    {
        _time = time;
        _startedAt = time.GetTimestamp();
        _timer = time.CreateTimer(_ => Fire(wake), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public long Now => (long)_time.GetElapsedTime(_startedAt).TotalMilliseconds;

    /// <summary>
    /// A later deadline than the armed one costs nothing: the wake comes early and arms the timer again.
    /// </summary>
    public void Arm(long deadline)
    {
        if (_isArmed && deadline >= _armedFor)
        {
            return;
        }
        _armedFor = deadline;
        _isArmed = deadline != long.MaxValue;
        var due = _isArmed
            ? TimeSpan.FromMilliseconds(Math.Max(deadline - Now, 0))
            : Timeout.InfiniteTimeSpan;
        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>
    /// The system's timers count coarser ticks than the clock and may fire some milliseconds before the
    /// deadline: whoever fired is no longer armed, whatever the clock says.
    /// </summary>
    private void Fire(Action wake)
    {
        _isArmed = false;
        wake();
    }
}
