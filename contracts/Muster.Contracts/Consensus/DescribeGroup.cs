using System.Text.Json.Serialization;

namespace Muster.Contracts.Consensus;

/// <summary>
/// Asks a node what it knows of a group. Answer: <see cref="GroupDescription"/>
/// or <see cref="ConsensusRefused"/>.
/// </summary>
public sealed record DescribeGroup
{
    public string Group { get; init; } = "";

    public string RequestId { get; init; } = "";
}

[JsonConverter(typeof(JsonStringEnumConverter<RaftRole>))]
public enum RaftRole
{
    Follower,
    PreCandidate,
    Candidate,
    Leader,
}

/// <summary>One node's own view of a group; only the leader's is current, and only while it leads.</summary>
public sealed record GroupDescription
{
    public string ClusterId { get; init; } = "";

    /// <summary>
    /// Which log this is of; see <see cref="PeerMessage.LogId"/>. Empty while the cluster is forming.
    /// </summary>
    public string LogId { get; init; } = "";

    public string Group { get; init; } = "";

    public string RequestId { get; init; } = "";

    public NodeId Node { get; init; }

    public RaftRole Role { get; init; }

    public NodeId Leader { get; init; }

    public Term Term { get; init; }

    public LogIndex FirstIndex { get; init; }

    public LogIndex LastIndex { get; init; }

    public LogIndex CommitIndex { get; init; }

    public long LogTime { get; init; }

    /// <summary>The names of all who belong to the group, learners and outgoing voters too.</summary>
    public IReadOnlyList<NodeId> Members { get; init; } = [];

    /// <summary>The newest membership that the node knows of, committed or not.</summary>
    public GroupMembership Membership { get; init; } = new();

    /// <summary>
    /// The node's disk lost entries; until it has them back from its peers it neither votes nor stands.
    /// </summary>
    public bool IsRepairing { get; init; }
}
