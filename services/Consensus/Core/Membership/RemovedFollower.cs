using Muster.Contracts;

namespace Muster.Consensus.Core;

/// <summary>
/// A follower that a change removed. It is fed until it has answered a request that told it that the change
/// is committed: until then it would stand for election, as whoever is removed has to.
/// </summary>
internal sealed class RemovedFollower(Progress progress, LogIndex until, long deadline)
{
    private long toldFrom = long.MaxValue;

    public Progress Progress => progress;

    /// <summary>Asked at each heartbeat, before it is sent.</summary>
    public bool IsOver(LogIndex commitIndex, long upcomingRequestId, long now)
    {
        if (now >= deadline || progress.Answered >= toldFrom) return true;
        if (commitIndex >= until && progress.Match >= until && toldFrom == long.MaxValue)
            toldFrom = upcomingRequestId;
        return false;
    }
}
