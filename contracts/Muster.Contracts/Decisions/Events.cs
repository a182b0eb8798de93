namespace Muster.Contracts.Decisions;

/// <summary>A key was decided. Event.</summary>
public sealed record ValueDecided
{
    public Decision Decision { get; init; } = new();

    public EventId Event { get; init; } = new();
}

/// <summary>The head of the decisions' event stream; see <c>LockEventsHead</c>.</summary>
public sealed record DecisionEventsHead
{
    public string Group { get; init; } = "";

    public long Epoch { get; init; } = 1;

    public long Number { get; init; }
}

/// <summary>
/// Catches up with the event stream from a number on. Answer: <see cref="DecisionEventsRead"/>, <see
/// cref="DecisionRefused"/> or <see cref="DecisionUnknown"/>.
/// </summary>
public sealed record ReadDecisionEvents
{
    public string CommandId { get; init; } = "";

    public long FromNumber { get; init; } = 1;

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// At most 1,000 events from the asked number on. When that number is no longer kept, none: start again from
/// <see cref="ListDecisions"/>, and go on after <see cref="Head"/>.
/// </summary>
public sealed record DecisionEventsRead
{
    public string CommandId { get; init; } = "";

    public string Group { get; init; } = "";

    public long Head { get; init; }

    public IReadOnlyList<ValueDecided> Events { get; init; } = [];

    /// <summary>The asked events are no longer kept.</summary>
    public bool IsTrimmed { get; init; }

    public Freshness Freshness { get; init; } = new();
}
