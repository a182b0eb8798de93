using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>Which node of which group this is: fixed for the life of a core.</summary>
internal sealed class GroupIdentity
{
    private readonly string diskId;

    public GroupIdentity(RestoredGroup restored)
    {
        (Group, Self, diskId) = (restored.Group, restored.Self, restored.DiskId);
        var isJoining = restored.Members.Count == 0;
        if (Self.IsNone || restored.Members.Any(one => one.IsNone)
            || !(isJoining || restored.Members.Contains(Self)))
            throw new ArgumentException(
                $"Group {Group}: members [{string.Join(", ", restored.Members)}] must name node {Self}.",
                nameof(restored));
    }

    public string Group { get; }

    public NodeId Self { get; }

    /// <summary>
    /// Whether this node votes. By its disk, not by its name alone: one that lost its disk and learned its
    /// own name from the log has forgotten for whom it voted.
    /// </summary>
    public bool IsVoterOf(Configuration members) =>
        members.IsVoter(Self) && members.Find(Self) is { DiskId: var disk }
        && (disk.Length == 0 || diskId.Length == 0 || disk == diskId);

    /// <summary>Nobody else decides anything.</summary>
    public bool IsAloneIn(Configuration members) => members.Voters.Count == 1 && IsVoterOf(members);

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
