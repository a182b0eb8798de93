using Muster.Contracts;

namespace Muster.Consensus.Core;

/// <summary>
/// Term and vote. Both are staged for the disk with every change, and a vote is given once in a term:
/// stepping down within a term keeps it.
/// </summary>
internal sealed class Ballot(GroupIdentity identity, StepOutput output, HardState restored)
{
    public Term Term { get; private set; } = restored.Term;

    public NodeId Vote { get; private set; } = restored.Vote;

    public bool CanVoteFor(NodeId candidate) => Vote.IsNone || Vote == candidate;

    public void Advance(Term term, NodeId vote)
    {
        if (term <= Term) throw identity.Broken(Term, LogIndex.Zero, $"term {term} does not follow");
        (Term, Vote) = (term, vote);
        output.Store(new HardState(Term, Vote));
    }

    public void VoteFor(NodeId candidate)
    {
        if (!CanVoteFor(candidate))
            throw identity.Broken(Term, LogIndex.Zero, $"second vote, after {Vote}, for {candidate}");
        if (Vote == candidate) return;
        Vote = candidate;
        output.Store(new HardState(Term, Vote));
    }
}
