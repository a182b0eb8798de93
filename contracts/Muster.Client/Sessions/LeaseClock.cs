namespace Muster.Client;

/// <summary>A moment by both clocks. A reference, so that it is read and replaced atomically.</summary>
internal sealed record Stamp(long Timestamp, DateTimeOffset Utc);

/// <summary>
/// Time since a moment, by the greater of the monotonic and the wall clock: a suspended machine's monotonic
/// clock stands still while the service counts on; a wall clock set back must not give a lease more time.
/// </summary>
internal sealed class LeaseClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>Monotonic time since this clock was made; for everything but leases.</summary>
    public TimeSpan Now => time.GetElapsedTime(_start);

    public Stamp Stamp() => new(time.GetTimestamp(), time.GetUtcNow());

    /// <summary>As if taken so much before another.</summary>
    public Stamp Before(Stamp stamp, TimeSpan by) =>
        new(stamp.Timestamp - (long)(by.TotalSeconds * time.TimestampFrequency), stamp.Utc - by);

    public TimeSpan Elapsed(Stamp since)
    {
        var monotonic = time.GetElapsedTime(since.Timestamp);
        var wall = time.GetUtcNow() - since.Utc;
        return monotonic > wall ? monotonic : wall;
    }
}
