namespace Muster.Replication.Core;

/// <summary>
/// Machine time out of log time: the entries' log time moves it on, but by no more than <see
/// cref="MaxStepMilliseconds"/> between two entries, so that an outage or a paused leader expires nobody.
/// Keep both properties in the snapshot.
/// </summary>
public sealed class MachineClock(long time = 0, long lastLogTime = 0)
{
    public const long MaxStepMilliseconds = 2_000;

    /// <summary>Milliseconds; never goes back.</summary>
    public long Time { get; private set; } = time;

    public long LastLogTime { get; private set; } = lastLogTime;

    /// <summary>Of two deadlines the one that comes first; null: there is none.</summary>
    public static long? Earlier(long? one, long? other) => one is null || other < one ? other : one;

    /// <summary>Takes the next entry's log time and returns the new machine time.</summary>
    public long Advance(long logTime)
    {
        if (logTime > LastLogTime)
        {
            // Log times may lie far apart: compared, not subtracted first, so that nothing overflows.
            Time += logTime > LastLogTime + MaxStepMilliseconds ? MaxStepMilliseconds : logTime - LastLogTime;
            LastLogTime = logTime;
        }
        return Time;
    }
}
