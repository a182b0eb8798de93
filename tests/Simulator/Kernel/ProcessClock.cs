namespace Muster.Simulator;

/// <summary>
/// A process's own clocks, as the client's code reads them: they start anywhere, run a little fast or slow,
/// the monotonic one stands still while the machine is suspended, and the wall clock may be set.
/// </summary>
internal sealed class ProcessClock(Scheduler scheduler, long offset, long partsPerMillion) : TimeProvider
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private long _suspended;
    private long _wallShift;

    /// <summary>Microseconds; never goes back.</summary>
    public long Monotonic => offset + Scaled(scheduler.Now - _suspended);

    public override long TimestampFrequency => Scheduler.Second;

    public override long GetTimestamp() => Monotonic;

    public override DateTimeOffset GetUtcNow() =>
        Epoch.AddMicroseconds(Scaled(scheduler.Now) + _wallShift);

    /// <summary>Somebody, or a time service, sets the wall clock.</summary>
    public void ShiftWall(long microseconds) => _wallShift += microseconds;

    /// <summary>The machine was asleep for so long: only the wall clock went on.</summary>
    public void Suspended(long microseconds) => _suspended += microseconds;

    /// <summary>When, in virtual time, the monotonic clock shows at least this.</summary>
    public long WhenMonotonic(long local)
    {
        var left = local - Monotonic;
        return left <= 0 ? scheduler.Now : scheduler.Now + left - (left * partsPerMillion / 1_000_000) + 2;
    }

    private long Scaled(long real) => real + (real * partsPerMillion / 1_000_000);
}
