namespace Muster.Replication.Core;

/// <summary>
/// Whether a proposal may still be applied by a machine that remembers command ids for a limited time.
/// </summary>
public static class ProposalAge
{
    /// <summary>
    /// True when a first copy of the proposal could already be forgotten. The first copy was applied no
    /// earlier than
    /// <paramref name="issuedAt"/>, so while now - issuedAt is below the window its ids are still remembered;
    /// from then on a machine applies nothing of the entry. Its answer is UNKNOWN, not refused: a first copy
    /// may have been applied, and the proposer may have gone over it with a snapshot.
    /// </summary>
    /// <param name="issuedAt"><see cref="AppliedEntry.IssuedAt"/>.</param>
    /// <param name="now">Machine time after the entry moved it on.</param>
    /// <param name="window">How long command ids are remembered, in milliseconds.</param>
    public static bool IsTooOld(long issuedAt, long now, long window) => now - issuedAt >= window;
}
