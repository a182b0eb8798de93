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
    /// <summary>
    /// New for each command and the same in its repeats: 1 to 128 characters. A repeat within 10 minutes of
    /// log time (<c>Recovery:CommandWindow</c>) is done once; it is answered with the group as it is then.
    /// Empty in a message of its own: that message's id counts; in a batch refused (CommandIdInvalid).
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <summary>1 to 128 of a-z, A-Z, 0-9, dot, hyphen, underscore.</summary>
    public string Group { get; init; } = "";

    /// <summary>
    /// The lock that the primary holds, broken first, so that its token is dead before another acts: a name
    /// of at most 256 bytes of UTF-8. Empty: none.
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

    /// <summary>
    /// Where the answer goes. Null: where the message, or else its batch, asks for it; nowhere when neither
    /// does.
    /// </summary>
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
    /// <inheritdoc cref="RegisterPolicy.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="RegisterPolicy.Group"/>
    public string Group { get; init; } = "";

    /// <summary>Unique in the group; as <see cref="Group"/>.</summary>
    public string Member { get; init; } = "";

    /// <summary>
    /// The node and incarnation of its heartbeats: whose failure is this member's. At most 128 characters
    /// each; empty: no verdict is about it.
    /// </summary>
    public string Node { get; init; } = "";

    /// <summary>
    /// At most 128 characters. Another than before is another process: if the primary was the former one, it
    /// is followed.
    /// </summary>
    public string Incarnation { get; init; } = "";

    /// <summary>The newest version of the state that it holds, 0 (default) or more.</summary>
    public long StateVersion { get; init; }

    /// <summary>
    /// The lock session under which it would hold the policy's lock, at most 128 characters. Empty: whoever
    /// holds that lock loses it when this member is fenced.
    /// </summary>
    public string SessionId { get; init; } = "";

    /// <summary>
    /// New for each time that a process joins, the same in its reports, so that a late <see
    /// cref="WithdrawStandby"/> does not take out its next membership and a late report does not bring a
    /// withdrawn one back. At most 128 characters; empty (default): none of this.
    /// </summary>
    public string Membership { get; init; } = "";

    /// <inheritdoc cref="RegisterPolicy.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// Leaves a group. A primary that leaves is followed at once. With its last member goes a group that has
/// neither policy nor state; another one stays until <see cref="RemoveGroup"/>. Answers as above.
/// </summary>
public sealed record WithdrawStandby
{
    /// <inheritdoc cref="RegisterPolicy.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="RegisterPolicy.Group"/>
    public string Group { get; init; } = "";

    /// <inheritdoc cref="RegisterStandby.Member"/>
    public string Member { get; init; } = "";

    /// <summary>
    /// Only this membership of <see cref="RegisterStandby.Membership"/>, else refused (MemberUnknown); empty
    /// (default): whatever it has.
    /// </summary>
    public string Membership { get; init; } = "";

    /// <inheritdoc cref="RegisterPolicy.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// Makes a standby the primary (an operator's hand-over), which has to confirm. The former primary's writes
/// are refused from that entry on. Answers as above.
/// </summary>
public sealed record PromoteStandby
{
    /// <inheritdoc cref="RegisterPolicy.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="RegisterPolicy.Group"/>
    public string Group { get; init; } = "";

    /// <summary>
    /// Empty: the healthy standby with the newest state. Refused (NoStandby) when there is none, or the named
    /// one is not healthy; that it is the primary already is no error.
    /// </summary>
    public string Member { get; init; } = "";

    /// <summary>
    /// Only while the group has this epoch, else refused (VersionMismatch); 0 (default): in any.
    /// </summary>
    public long ExpectedEpoch { get; init; }

    /// <inheritdoc cref="RegisterPolicy.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// The promoted member acts as the primary of this epoch: the promotion is verified. One that is not
/// confirmed in time counts as a failure. Refused (NotPrimary) while a recovery fences that member. Answers
/// as above.
/// </summary>
public sealed record ConfirmPromotion
{
    /// <summary>
    /// Names the command in its answer: 1 to 128 characters. Nothing is kept under it, since a confirmation
    /// does no harm twice. Empty in a message of its own: that message's id counts.
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="RegisterPolicy.Group"/>
    public string Group { get; init; } = "";

    /// <summary>The member that was promoted; another one is refused (NotPrimary).</summary>
    public string Member { get; init; } = "";

    /// <summary>
    /// The epoch of its promotion, as <see cref="StandbyPromoted"/> and <see cref="StandbyGroup.GroupEpoch"/>
    /// say it; another one is refused (NotPrimary).
    /// </summary>
    public long GroupEpoch { get; init; }

    /// <inheritdoc cref="RegisterPolicy.ReplyTo"/>
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
    /// <inheritdoc cref="RegisterPolicy.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="RegisterPolicy.Group"/>
    public string Group { get; init; } = "";

    /// <summary>Whatever is in it; default false.</summary>
    public bool IsForced { get; init; }

    /// <inheritdoc cref="RegisterPolicy.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>Done; the group as it is now.</summary>
public sealed record RecoveryAccepted
{
    /// <summary>The id of the command that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>After the command; of a repeat as it is then. Only its name when it is gone.</summary>
    public StandbyGroup Group { get; init; } = new();

    /// <summary>As of which epoch and index of the service's Raft group this is.</summary>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>A member's part in its group.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StandbyRole>))]
public enum StandbyRole
{
    /// <summary>Could follow the primary.</summary>
    Standby,
    /// <summary>Leads and writes the state; whether it has confirmed yet is not said.</summary>
    Primary,
}

/// <summary>A standby group as it is: who leads, how new its state is, who could follow.</summary>
public sealed record StandbyGroup
{
    /// <inheritdoc cref="RegisterPolicy.Group"/>
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

/// <summary>One member of a standby group.</summary>
public sealed record StandbyMember
{
    /// <inheritdoc cref="RegisterStandby.Member"/>
    public string Member { get; init; } = "";

    /// <summary>The node of its heartbeats, as it registered last.</summary>
    public string Node { get; init; } = "";

    /// <summary>Which process of that node it is.</summary>
    public string Incarnation { get; init; } = "";

    /// <summary>Primary of at most one member.</summary>
    public StandbyRole Role { get; init; }

    /// <summary>The newest version that it said it holds, or wrote.</summary>
    public long StateVersion { get; init; }

    /// <summary>Its node is not held for failed.</summary>
    public bool IsHealthy { get; init; }
}
