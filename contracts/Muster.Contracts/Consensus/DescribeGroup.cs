using System.Text.Json.Serialization;

namespace Muster.Contracts.Consensus;

/// <summary>
/// Asks a node what it knows of a group. Answer: <see cref="GroupDescription"/>
/// or <see cref="ConsensusRefused"/>.
/// </summary>
public sealed record DescribeGroup
{
    /// <inheritdoc cref="ProposeEntries.Group"/>
    public string Group { get; init; } = "";

    /// <inheritdoc cref="ReadEntries.RequestId"/>
    public string RequestId { get; init; } = "";

    /// <inheritdoc cref="ProposeEntries.Protocol"/>
    public int Protocol { get; init; }
}

/// <summary>
/// What a node is to a group (Raft section 5.1; pre-candidates: dissertation, section 9.6).
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<RaftRole>))]
public enum RaftRole
{
    /// <summary>Takes entries from a leader, or waits for one. So does a learner.</summary>
    Follower,
    /// <summary>Asks whether it could win an election, and has changed no term yet.</summary>
    PreCandidate,
    /// <summary>Stands for election in the term that it has begun.</summary>
    Candidate,
    /// <summary>
    /// Leads, or believes so: it steps down when a majority was silent for the longest election timeout.
    /// </summary>
    Leader,
}

/// <summary>One node's own view of a group; only the leader's is current, and only while it leads.</summary>
public sealed record GroupDescription
{
    /// <inheritdoc cref="PeerMessage.ClusterId"/>
    public string ClusterId { get; init; } = "";

    /// <summary>
    /// Which log this is of; see <see cref="PeerMessage.LogId"/>. Empty while the cluster is forming.
    /// </summary>
    public string LogId { get; init; } = "";

    /// <inheritdoc cref="ProposeEntries.Group"/>
    public string Group { get; init; } = "";

    /// <inheritdoc cref="ReadEntries.RequestId"/>
    public string RequestId { get; init; } = "";

    /// <summary>Who answers, and whose view this is.</summary>
    public NodeId Node { get; init; }

    /// <summary>What the node is to the group now.</summary>
    public RaftRole Role { get; init; }

    /// <summary>
    /// The leader of <see cref="Term"/> as far as the node knows; none while it knows of none.
    /// </summary>
    public NodeId Leader { get; init; }

    /// <summary>The newest term that the node has heard of.</summary>
    public Term Term { get; init; }

    /// <summary>
    /// The first entry that the node still keeps; what lies before is in its snapshot only. 1: never cut.
    /// </summary>
    public LogIndex FirstIndex { get; init; }

    /// <summary>The last entry of its log, committed or not; zero: it has none.</summary>
    public LogIndex LastIndex { get; init; }

    /// <summary>Up to here it knows the entries for committed. The leader may be further.</summary>
    public LogIndex CommitIndex { get; init; }

    /// <summary>
    /// Log time in milliseconds: it runs on the leader; elsewhere it stands at the greatest value heard.
    /// </summary>
    public long LogTime { get; init; }

    /// <summary>The names of all who belong to the group, learners and outgoing voters too.</summary>
    public IReadOnlyList<NodeId> Members { get; init; } = [];

    /// <summary>The newest membership that the node knows of, committed or not.</summary>
    public GroupMembership Membership { get; init; } = new();

    /// <summary>
    /// The entry that brought <see cref="Membership"/>: it is for good once <see cref="CommitIndex"/> has
    /// reached it, and no disk may be taken from a member before that. Zero: the bootstrap's.
    /// </summary>
    public LogIndex MembershipIndex { get; init; }

    /// <summary>
    /// The node's disk lost entries; until it has them back from its peers it neither votes nor stands.
    /// </summary>
    public bool IsRepairing { get; init; }

    /// <summary>
    /// The longest time-out, in milliseconds, after which the node stands for election; 0 of a build that
    /// does not tell.
    /// </summary>
    public long ElectionMaxMilliseconds { get; init; }

    /// <summary>The form of the message, as <see cref="ProposeEntries.Protocol"/>.</summary>
    public int Protocol { get; init; }
}
