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
    /// may have been applied, and the proposer may have gone over it with a snapshot. Both times are the
    /// machine's and no sender's clock, and a machine's time goes back at a restoration only: what seems to
    /// come from its future was proposed to the state before, whose ids are gone.
    /// </summary>
    /// <param name="issuedAt"><see cref="AppliedEntry.IssuedAt"/>.</param>
    /// <param name="now">Machine time after the entry moved it on.</param>
    /// <param name="window">How long command ids are remembered, in milliseconds.</param>
    public static bool IsTooOld(long issuedAt, long now, long window) =>
        issuedAt > now || now - issuedAt >= window;

    /// <summary>For who sent what is too old.</summary>
    public static string Why(long issuedAt, long now, long window) => issuedAt > now
        ? "This copy was proposed before the group's state was restored and changed nothing; "
            + "nobody knows of an earlier copy."
        : $"This copy was proposed {now - issuedAt} ms ago and changed nothing; ids are remembered for "
            + $"{window} ms, so nobody knows of an earlier copy.";
}
