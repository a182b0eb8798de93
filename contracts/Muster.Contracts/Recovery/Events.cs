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

    Done,
    Failed,
}

/// <summary>A group's primary failed, or did not confirm, and its recovery began. Event.</summary>
public sealed record RecoveryStarted
{
    public string RecoveryId { get; init; } = "";

    public string Group { get; init; } = "";

    public string FailedMember { get; init; } = "";

    public string Node { get; init; } = "";

    public EventId Event { get; init; } = new();
}

/// <summary>The standby promoted in a recovery has confirmed. Event.</summary>
public sealed record RecoveryCompleted
{
    public string RecoveryId { get; init; } = "";

    public string Group { get; init; } = "";

    public string Primary { get; init; } = "";

    public long GroupEpoch { get; init; }

    public EventId Event { get; init; } = new();
}

/// <summary>
/// No standby is left to promote, or none confirmed. Event; the group is without a primary.
/// </summary>
public sealed record RecoveryFailed
{
    public string RecoveryId { get; init; } = "";

    public string Group { get; init; } = "";

    public string Reason { get; init; } = "";

    public EventId Event { get; init; } = new();
}

/// <summary>A member is the primary from this entry on, if it confirms. Event.</summary>
public sealed record StandbyPromoted
{
    /// <summary>
    /// Empty when no primary failed: the first member, a vacancy, a withdrawal, an operator's promotion.
    /// </summary>
    public string RecoveryId { get; init; } = "";

    public string Group { get; init; } = "";

    public string Member { get; init; } = "";

    public string FormerPrimary { get; init; } = "";

    public long GroupEpoch { get; init; }

    public long StateVersion { get; init; }

    public FencingToken FenceToken { get; init; }

    public EventId Event { get; init; } = new();
}

/// <summary>The group's state has a new version. Event.</summary>
public sealed record StateUpdated
{
    public string Group { get; init; } = "";

    public long StateVersion { get; init; }

    public long GroupEpoch { get; init; }

    public EventId Event { get; init; } = new();
}

/// <summary>A group is gone with its policy, state and members (<see cref="RemoveGroup"/>). Event.</summary>
public sealed record GroupRemoved
{
    public string Group { get; init; } = "";

    /// <summary>Its last; a later group of that name begins above it.</summary>
    public long GroupEpoch { get; init; }

    public EventId Event { get; init; } = new();
}

/// <summary>The head of the recovery service's event stream; see <c>LockEventsHead</c>.</summary>
public sealed record RecoveryEventsHead
{
    public string Group { get; init; } = "";

    public long Epoch { get; init; } = 1;

    public long Number { get; init; }
}

/// <summary>
/// Catches up with the event stream. Answer: <see cref="RecoveryEventsRead"/>, refused or unknown.
/// </summary>
public sealed record ReadRecoveryEvents
{
    public string CommandId { get; init; } = "";

    public long FromNumber { get; init; } = 1;

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// At most 1,000 events from the asked number on. When that number is no longer kept, none: start again from
/// <see cref="RecoverState"/> of the groups of interest, and go on after <see cref="Head"/>.
/// </summary>
public sealed record RecoveryEventsRead
{
    public string CommandId { get; init; } = "";

    public string Group { get; init; } = "";

    public long Head { get; init; }

    public IReadOnlyList<RecoveryEvent> Events { get; init; } = [];

    /// <summary>The asked events are no longer kept.</summary>
    public bool IsTrimmed { get; init; }

    public Freshness Freshness { get; init; } = new();
}

/// <summary>One event: exactly one of the properties is set.</summary>
public sealed record RecoveryEvent
{
    public RecoveryStarted? RecoveryStarted { get; init; }

    public StandbyPromoted? StandbyPromoted { get; init; }

    public RecoveryCompleted? RecoveryCompleted { get; init; }

    public RecoveryFailed? RecoveryFailed { get; init; }

    public StateUpdated? StateUpdated { get; init; }

    public GroupRemoved? GroupRemoved { get; init; }
}
