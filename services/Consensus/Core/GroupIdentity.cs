using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>Who this node is and with whom it votes: fixed for the life of a core.</summary>
internal sealed class GroupIdentity
{
    public GroupIdentity(RestoredGroup restored)
    {
        Group = restored.Group;
        Self = restored.Self;
        Members = [.. restored.Members.Distinct().Order()];
        if (Self.IsNone || !Members.Contains(Self) || Members.Any(member => member.IsNone))
            throw new ArgumentException(
                $"Group {Group}: members [{string.Join(", ", Members)}] must name node {Self}.",
                nameof(restored));
        Peers = [.. Members.Where(member => member != Self)];
    }

    public string Group { get; }

    public NodeId Self { get; }

    public IReadOnlyList<NodeId> Members { get; }

    /// <summary>All members but this node.</summary>
    public IReadOnlyList<NodeId> Peers { get; }

    public bool IsPeer(NodeId node) => node != Self && Members.Contains(node);

    public ConsensusRefused Refusal(
        string requestId, ConsensusRefusal reason, string message, NodeId leader, Term term) => new()
        {
            Group = Group,
            RequestId = requestId,
            Reason = reason,
            Message = message,
            LeaderHint = leader,
            Term = term,
        };

    /// <summary>
    /// A broken invariant: going on could lose what was acknowledged, so the node must stop.
    /// </summary>
    public InvalidOperationException Broken(Term term, LogIndex index, string what) =>
        new($"Group {Group}, node {Self}, term {term}, index {index}: {what}");
}
