using Muster.Contracts;

namespace Muster.Consensus.Core;

/// <summary>
/// Log time: the one clock that machines see. It runs on the leader only and must never run faster than real
/// time from one entry to the next: holders count real time, and would learn too late that a session expired.
/// So a new leader goes on from its last entry, or from what the leader who wrote that entry told later; what
/// a leader of another term told may be ahead of it.
/// </summary>
internal sealed class LogClock(long greatest)
{
    private long greatest = greatest;
    private Term heardIn;
    private long heard;
    private long from;
    private long startedAt;
    private bool running;

    /// <summary>What the leader of a term told; terms come in order.</summary>
    public void Hear(Term term, long logTime)
    {
        heard = term > heardIn ? logTime : Math.Max(heard, logTime);
        heardIn = term;
        greatest = Math.Max(greatest, logTime);
    }

    public void Start(long now, Term lastTerm, long lastLogTime)
    {
        from = heardIn == lastTerm ? Math.Max(heard, lastLogTime) : lastLogTime;
        startedAt = now;
        running = true;
    }

    /// <summary>A leader that steps down keeps the time it may have told others.</summary>
    public void Stop(Term term, long now)
    {
        Hear(term, At(now));
        running = false;
    }

    /// <summary>Where it does not run: the greatest value known.</summary>
    public long At(long now) => running ? from + Math.Max(0, now - startedAt) : greatest;
}
