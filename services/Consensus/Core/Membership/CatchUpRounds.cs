using Muster.Contracts;

namespace Muster.Consensus.Core;

/// <summary>
/// Whether a learner keeps up (dissertation, section 4.2.1): it is sent what the log had when a round began,
/// and a round that took less than an election's time leaves so little that it may become a voter.
/// </summary>
internal sealed class CatchUpRounds
{
    private LogIndex target;
    private long startedAt = long.MinValue;

    public bool HasCaughtUp { get; private set; }

    public void Look(LogIndex match, LogIndex last, long now, long longest)
    {
        if (startedAt != long.MinValue && match < target)
        {
            if (now - startedAt > longest) HasCaughtUp = false;
            return;
        }

        if (startedAt != long.MinValue) HasCaughtUp = now - startedAt <= longest;
        (target, startedAt) = (last, now);
    }
}
