using System.Text.Json.Serialization;

namespace Muster.Contracts.Recovery;

/// <summary>
/// What is done when the primary of a standby group fails, or does not confirm its promotion: its lock is
/// broken, the healthy standby with the newest state is promoted, and has to confirm. In a group without a
/// policy a confirmed primary that fails is followed by <see cref="PromoteStandby"/> only. Answer: <see
/// cref="RecoveryAccepted"/>, <see cref="RecoveryRefused"/> or <see cref="RecoveryUnknown"/>.
/// </summary>
public sealed record RegisterPolicy
{
    public string CommandId { get; init; } = "";

    /// <summary>1 to 128 of a-z, A-Z, 0-9, dot, hyphen, underscore.</summary>
    public string Group { get; init; } = "";

    /// <summary>
    /// The lock that the primary holds, broken first, so that its token is dead before another acts. Empty:
    /// none.
    /// </summary>
    public string Lock { get; init; } = "";

    /// <summary>
    /// How long a promoted member has to confirm, in log time, before the next one is promoted. 500 to
    /// 600,000; default 5,000, also in a group without a policy.
    /// </summary>
    public long VerifyMilliseconds { get; init; } = 5_000;

    /// <summary>
    /// Promote by itself when a primary fails or does not confirm; default true. False: only fence.
    /// </summary>
    public bool IsAutomatic { get; init; } = true;

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// Joins a standby group, or reports how new the member's copy of the state is. The first member of a group
/// becomes its primary, and has to confirm that like any other (<see cref="ConfirmPromotion"/>). Sent again
/// with a new incarnation by a restarted member, and by every member after <see cref="RecoveryFailed"/>: a
/// group without a primary takes one that reports. A full group drops the member that is unhealthy for
/// longest. Answer: <see cref="RecoveryAccepted"/>, refused or unknown.
/// </summary>
public sealed record RegisterStandby
{
    public string CommandId { get; init; } = "";

    public string Group { get; init; } = "";

    /// <summary>Unique in the group; as <see cref="Group"/>.</summary>
    public string Member { get; init; } = "";

    /// <summary>The node and incarnation of its heartbeats: whose failure is this member's.</summary>
    public string Node { get; init; } = "";

    public string Incarnation { get; init; } = "";

    /// <summary>The newest version of the state that it holds.</summary>
    public long StateVersion { get; init; }

    /// <summary>The lock session under which it would hold the policy's lock, or empty.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>
    /// New for each time that a process joins, the same in its reports, so that a late <see
    /// cref="WithdrawStandby"/> does not take out its next membership and a late report does not bring a
    /// withdrawn one back. At most 128 characters; empty (default): none of this.
    /// </summary>
    public string Membership { get; init; } = "";

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// Leaves a group. A primary that leaves is followed at once. With its last member goes a group that has
/// neither policy nor state; another one stays until <see cref="RemoveGroup"/>. Answers as above.
/// </summary>
public sealed record WithdrawStandby
{
    public string CommandId { get; init; } = "";

    public string Group { get; init; } = "";

    public string Member { get; init; } = "";

    /// <summary>
    /// Only this membership of <see cref="RegisterStandby.Membership"/>, else refused (MemberUnknown); empty
    /// (default): whatever it has.
    /// </summary>
    public string Membership { get; init; } = "";

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// Makes a standby the primary (an operator's hand-over), which has to confirm. The former primary's writes
/// are refused from that entry on. Answers as above.
/// </summary>
public sealed record PromoteStandby
{
    public string CommandId { get; init; } = "";

    public string Group { get; init; } = "";

    /// <summary>Empty: the healthy standby with the newest state.</summary>
    public string Member { get; init; } = "";

    /// <summary>Only while the group has this epoch; 0 (default): in any.</summary>
    public long ExpectedEpoch { get; init; }

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// The promoted member acts as the primary of this epoch: the promotion is verified. One that is not
/// confirmed in time counts as a failure. Refused (NotPrimary) while a recovery fences that member. Answers
/// as above.
/// </summary>
public sealed record ConfirmPromotion
{
    public string CommandId { get; init; } = "";

    public string Group { get; init; } = "";

    public string Member { get; init; } = "";

    public long GroupEpoch { get; init; }

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// Removes a group with its policy, state and members; the event is <see cref="GroupRemoved"/>. Refused
/// (GroupInUse) while a member is healthy or a recovery is under way, unless it is forced. A group of that
/// name that comes later begins without state and above the removed one's epoch; a member that lives after
/// all makes such a group with its next report. Answers as above; the group is empty.
/// </summary>
public sealed record RemoveGroup
{
    public string CommandId { get; init; } = "";

    public string Group { get; init; } = "";

    /// <summary>Whatever is in it; default false.</summary>
    public bool IsForced { get; init; }

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>Done; the group as it is now.</summary>
public sealed record RecoveryAccepted
{
    public string CommandId { get; init; } = "";

    public StandbyGroup Group { get; init; } = new();

    public Freshness Freshness { get; init; } = new();
}

/// <summary>A member's part in its group.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StandbyRole>))]
public enum StandbyRole
{
    Standby,
    Primary,
}

public sealed record StandbyGroup
{
    public string Group { get; init; } = "";

    /// <summary>Raised by every promotion; a write names the epoch it was meant for.</summary>
    public long GroupEpoch { get; init; }

    /// <summary>Empty when the group has no primary.</summary>
    public string Primary { get; init; } = "";

    /// <summary>The version of the replicated state.</summary>
    public long StateVersion { get; init; }

    /// <summary>Every grant below this token is dead, as far as recoveries have broken them.</summary>
    public FencingToken FenceToken { get; init; }

    /// <summary>The lock that its policy names; empty without one.</summary>
    public string Lock { get; init; } = "";

    /// <summary>In ordinal order.</summary>
    public IReadOnlyList<StandbyMember> Members { get; init; } = [];
}

public sealed record StandbyMember
{
    public string Member { get; init; } = "";

    public string Node { get; init; } = "";

    public string Incarnation { get; init; } = "";

    public StandbyRole Role { get; init; }

    public long StateVersion { get; init; }

    /// <summary>Its node is not held for failed.</summary>
    public bool IsHealthy { get; init; }
}
