namespace Muster.Contracts.Consensus;

/// <summary>
/// Changes a group's members, all of it at once: removed nodes go, learners become voters, new nodes come in
/// as learners and become voters as soon as they have caught up, as long as there is room. What is true
/// already is no error, so that an unknown outcome is asked again. Answer, once the new membership is
/// committed: <see cref="MembersChanged"/>; otherwise <see cref="ConsensusRefused"/>.
/// </summary>
public sealed record ChangeMembers
{
    /// <inheritdoc cref="ProposeEntries.Group"/>
    public string Group { get; init; } = "";

    /// <summary>
    /// The log that the sender follows; a node of another one refuses with
    /// <see cref="ConsensusRefusal.OtherLog"/>. Empty: any.
    /// </summary>
    public string LogId { get; init; } = "";

    /// <inheritdoc cref="ReadEntries.RequestId"/>
    public string RequestId { get; init; } = "";

    /// <summary>
    /// Nodes that run with <c>Consensus:Join</c> and have announced their disks. A name that another disk has
    /// must be removed before. With those of before at most 16 members.
    /// </summary>
    public IReadOnlyList<NodeId> Add { get; init; } = [];

    /// <summary>The added nodes stay learners until they are promoted.</summary>
    public bool StayLearners { get; init; }

    /// <summary>Learners that have caught up. At most 9 voters.</summary>
    public IReadOnlyList<NodeId> Promote { get; init; } = [];

    /// <summary>Voters or learners, the leader too: it hands the group over first.</summary>
    public IReadOnlyList<NodeId> Remove { get; init; } = [];
}

/// <summary>
/// A group's new members are committed. Also published as an event, without a request id, at each such entry;
/// a leader that is elected meanwhile may publish one again.
/// </summary>
public sealed record MembersChanged
{
    /// <summary>The cluster's name in the event; empty in an answer.</summary>
    public string ClusterId { get; init; } = "";

    /// <summary>Which log this is of; see <see cref="PeerMessage.LogId"/>.</summary>
    public string LogId { get; init; } = "";

    /// <inheritdoc cref="ProposeEntries.Group"/>
    public string Group { get; init; } = "";

    /// <summary>That of the <see cref="ChangeMembers"/> that it answers; empty in the event.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>Who belongs to the group now. Nobody is outgoing any more.</summary>
    public GroupMembership Membership { get; init; } = new();

    /// <summary>The entry that says so; zero for the members since the bootstrap.</summary>
    public LogIndex Index { get; init; }

    /// <summary>The term of the leader that says so.</summary>
    public Term Term { get; init; }
}
