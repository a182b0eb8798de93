using System.Text.Json.Serialization;

namespace Muster.Contracts.Recovery;

/// <summary>The steps of a recovery, each an entry in the log.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RecoveryStep>))]
public enum RecoveryStep
{
    /// <summary>Break the failed primary's lock.</summary>
    Fence,

    /// <summary>Make a healthy standby the primary.</summary>
    Promote,

    /// <summary>Wait for its confirmation.</summary>
    Verify,

    /// <summary>The promoted member has confirmed.</summary>
    Done,
    /// <summary>Nobody is left to promote: the group is without a primary.</summary>
    Failed,
}

/// <summary>A group's primary failed, or did not confirm, and its recovery began. Event.</summary>
public sealed record RecoveryStarted
{
    /// <summary>
    /// Names the recovery in all its events, for ever: GROUP-EPOCH-INDEX-N, of the entry that began it.
    /// </summary>
    public string RecoveryId { get; init; } = "";

    /// <inheritdoc cref="RegisterPolicy.Group"/>
    public string Group { get; init; } = "";

    /// <summary>The primary that failed or did not confirm.</summary>
    public string FailedMember { get; init; } = "";

    /// <summary>Its node, as it had registered; empty when it named none.</summary>
    public string Node { get; init; } = "";

    /// <summary>
    /// Its id and its place in the recovery service's stream; the same when it is published twice.
    /// </summary>
    public EventId Event { get; init; } = new();
}

/// <summary>The standby promoted in a recovery has confirmed. Event.</summary>
public sealed record RecoveryCompleted
{
    /// <inheritdoc cref="RecoveryStarted.RecoveryId"/>
    public string RecoveryId { get; init; } = "";

    /// <inheritdoc cref="RegisterPolicy.Group"/>
    public string Group { get; init; } = "";

    /// <summary>The member that has confirmed.</summary>
    public string Primary { get; init; } = "";

    /// <summary>The group's epoch, which its writes name.</summary>
    public long GroupEpoch { get; init; }

    /// <inheritdoc cref="RecoveryStarted.Event"/>
    public EventId Event { get; init; } = new();
}

/// <summary>
/// No standby is left to promote, or none confirmed. Event; the group is without a primary.
/// </summary>
public sealed record RecoveryFailed
{
    /// <inheritdoc cref="RecoveryStarted.RecoveryId"/>
    public string RecoveryId { get; init; } = "";

    /// <inheritdoc cref="RegisterPolicy.Group"/>
    public string Group { get; init; } = "";

    /// <summary>
    /// One sentence for people: nobody was healthy, nobody confirmed, or the policy promotes nobody by
    /// itself.
    /// </summary>
    public string Reason { get; init; } = "";

    /// <inheritdoc cref="RecoveryStarted.Event"/>
    public EventId Event { get; init; } = new();
}

/// <summary>A member is the primary from this entry on, if it confirms. Event.</summary>
public sealed record StandbyPromoted
{
    /// <summary>
    /// Empty when no primary failed: the first member, a vacancy, a withdrawal, an operator's promotion.
    /// </summary>
    public string RecoveryId { get; init; } = "";

    /// <inheritdoc cref="RegisterPolicy.Group"/>
    public string Group { get; init; } = "";

    /// <summary>Who is promoted, and has to send <see cref="ConfirmPromotion"/>.</summary>
    public string Member { get; init; } = "";

    /// <summary>Whose writes are refused from now on; empty: there was none.</summary>
    public string FormerPrimary { get; init; } = "";

    /// <summary>The epoch that begins: its confirmation and its writes name it.</summary>
    public long GroupEpoch { get; init; }

    /// <summary>
    /// The version of the replicated state that it begins with; 0: nothing was written yet.
    /// </summary>
    public long StateVersion { get; init; }

    /// <inheritdoc cref="StandbyGroup.FenceToken"/>
    public FencingToken FenceToken { get; init; }

    /// <inheritdoc cref="RecoveryStarted.Event"/>
    public EventId Event { get; init; } = new();
}

/// <summary>The group's state has a new version. Event.</summary>
public sealed record StateUpdated
{
    /// <inheritdoc cref="RegisterPolicy.Group"/>
    public string Group { get; init; } = "";

    /// <summary>The new version; the state itself is read by <see cref="RecoverState"/>.</summary>
    public long StateVersion { get; init; }

    /// <summary>The epoch in which it was written.</summary>
    public long GroupEpoch { get; init; }

    /// <inheritdoc cref="RecoveryStarted.Event"/>
    public EventId Event { get; init; } = new();
}

/// <summary>A group is gone with its policy, state and members (<see cref="RemoveGroup"/>). Event.</summary>
public sealed record GroupRemoved
{
    /// <inheritdoc cref="RegisterPolicy.Group"/>
    public string Group { get; init; } = "";

    /// <summary>Its last; a later group of that name begins above it.</summary>
    public long GroupEpoch { get; init; }

    /// <inheritdoc cref="RecoveryStarted.Event"/>
    public EventId Event { get; init; } = new();
}

/// <summary>The head of the recovery service's event stream; see <c>LockEventsHead</c>.</summary>
public sealed record RecoveryEventsHead
{
    /// <summary>The Raft group whose stream it is: <c>recovery</c> by default.</summary>
    public string Group { get; init; } = "";

    /// <summary>The group's epoch now.</summary>
    public long Epoch { get; init; } = 1;

    /// <summary>The newest event's number: who has not seen all up to it reads the rest.</summary>
    public long Number { get; init; }
}

/// <summary>
/// Catches up with the event stream. Answer: <see cref="RecoveryEventsRead"/>, refused or unknown.
/// </summary>
public sealed record ReadRecoveryEvents
{
    /// <inheritdoc cref="RecoverState.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// The first event number wanted; 1 (default) is the first ever, and less is as good as no longer kept.
    /// Above the head nothing comes.
    /// </summary>
    public long FromNumber { get; init; } = 1;

    /// <inheritdoc cref="RegisterPolicy.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// At most 1,000 events from the asked number on. When that number is no longer kept, none: start again from
/// <see cref="RecoverState"/> of the groups of interest, and go on after <see cref="Head"/>.
/// </summary>
public sealed record RecoveryEventsRead
{
    /// <inheritdoc cref="StateRecovered.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="RecoveryEventsHead.Group"/>
    public string Group { get; init; } = "";

    /// <summary>
    /// The newest event's number; 0 before the first. While the last event here is below it, there are more
    /// to read.
    /// </summary>
    public long Head { get; init; }

    /// <summary>In order, without a gap from the asked number on; the newest 1,024 are kept.</summary>
    public IReadOnlyList<RecoveryEvent> Events { get; init; } = [];

    /// <summary>The asked events are no longer kept.</summary>
    public bool IsTrimmed { get; init; }

    /// <inheritdoc cref="RecoveryAccepted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>One event: exactly one of the properties is set.</summary>
public sealed record RecoveryEvent
{
    /// <summary>A primary is being replaced.</summary>
    public RecoveryStarted? RecoveryStarted { get; init; }

    /// <summary>A member is to lead.</summary>
    public StandbyPromoted? StandbyPromoted { get; init; }

    /// <summary>A recovery that ended well.</summary>
    public RecoveryCompleted? RecoveryCompleted { get; init; }

    /// <summary>A recovery that ended without a primary.</summary>
    public RecoveryFailed? RecoveryFailed { get; init; }

    /// <summary>A write of a group's state.</summary>
    public StateUpdated? StateUpdated { get; init; }

    /// <summary>A group that is gone.</summary>
    public GroupRemoved? GroupRemoved { get; init; }
}
