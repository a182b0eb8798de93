using Muster.Contracts;

namespace Muster.Consensus.Core;

/// <summary>
/// A node whose disk lost entries that it acknowledged may have made a commit possible with them. Its vote
/// could give the group a leader without such an entry, so it neither votes nor stands until it holds again
/// what may rest on its word; it takes entries as any follower does.
/// </summary>
/// <remarks>
/// Enough is a commit index that has reached the last entry it may have acknowledged; or one of a later
/// leader's term: that leader was elected without the damaged log, hence by the others, and by Leader
/// Completeness its log holds all that was committed. A leader that sees a voter wait for that hands over.
/// </remarks>
internal sealed class Repair(LogDamage? damage)
{
    private LogDamage? damage = damage;

    public bool IsUnderWay => damage is not null;

    public LogDamage? Damage => damage;

    /// <summary>True once, when it is done.</summary>
    public bool TryEnd(ReplicatedLog log)
    {
        if (damage is not { } lost || log.CommitIndex == LogIndex.Zero) return false;
        if (log.CommitIndex < lost.LostUpTo && log.TermAt(log.CommitIndex) <= lost.Term) return false;
        damage = null;
        return true;
    }
}
