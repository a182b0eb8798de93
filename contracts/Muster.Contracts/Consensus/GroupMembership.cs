using System.Text.Json.Serialization;

namespace Muster.Contracts.Consensus;

/// <summary>What a member is asked for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MemberRole>))]
public enum MemberRole
{
    /// <summary>It counts for commits and elections, and may lead.</summary>
    Voter,

    /// <summary>It gets every entry and counts for nothing.</summary>
    Learner,
}

/// <summary>One member of a group.</summary>
public sealed record GroupMember
{
    /// <summary>The member's name, <c>Consensus:Node</c>.</summary>
    public NodeId Node { get; init; }

    /// <summary>
    /// The disk that counts under this name. Empty for a member since the bootstrap, whose disk every node
    /// learned then, until the first change of the members.
    /// </summary>
    public string DiskId { get; init; } = "";

    /// <summary>Default: a voter.</summary>
    public MemberRole Role { get; init; }

    /// <summary>The leader does not make it a voter by itself once it has caught up.</summary>
    public bool StaysLearner { get; init; }
}

/// <summary>
/// Who belongs to a group, from the entry on that says so, committed or not (Raft section 6).
/// </summary>
public sealed record GroupMembership
{
    /// <summary>By name.</summary>
    public IReadOnlyList<GroupMember> Members { get; init; } = [];

    /// <summary>
    /// The voters before the change that is under way: as long as there are any, every decision needs a
    /// majority of them too (joint consensus). Empty otherwise.
    /// </summary>
    public IReadOnlyList<GroupMember> OutgoingVoters { get; init; } = [];
}
