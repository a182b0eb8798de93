namespace Muster.Consensus.Core;

/// <summary>
/// Log time: the one clock that machines see. It runs on the leader only, from the greatest value it stored
/// or received, counted from its election; elsewhere it stands at the greatest value known. It never goes
/// back.
/// </summary>
internal sealed class LogClock(long greatest)
{
    private long greatest = greatest;
    private long startedAt;
    private bool running;

    public void Observe(long logTime) => greatest = Math.Max(greatest, logTime);

    public void Start(long now)
    {
        startedAt = now;
        running = true;
    }

    /// <summary>A leader that steps down keeps the time it may have told others.</summary>
    public void Stop(long now)
    {
        Observe(At(now));
        running = false;
    }

    public long At(long now) => running ? greatest + Math.Max(0, now - startedAt) : greatest;
}
