namespace Muster.Contracts.Decisions;

/// <summary>A key was decided. Event.</summary>
public sealed record ValueDecided
{
    /// <summary>As every answer about the key shows it from now on.</summary>
    public Decision Decision { get; init; } = new();

    /// <summary>Its id and its place in the decisions' stream; the same when it is published twice.</summary>
    public EventId Event { get; init; } = new();
}

/// <summary>The head of the decisions' event stream; see <c>LockEventsHead</c>.</summary>
public sealed record DecisionEventsHead
{
    /// <summary>The group whose stream it is: <c>decisions</c> by default.</summary>
    public string Group { get; init; } = "";

    /// <summary>The group's epoch now.</summary>
    public long Epoch { get; init; } = 1;

    /// <summary>The newest event's number: who has not seen all up to it reads the rest.</summary>
    public long Number { get; init; }
}

/// <summary>
/// Catches up with the event stream from a number on. Answer: <see cref="DecisionEventsRead"/>, <see
/// cref="DecisionRefused"/> or <see cref="DecisionUnknown"/>.
/// </summary>
public sealed record ReadDecisionEvents
{
    /// <inheritdoc cref="GetDecision.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// The first event number wanted, 1 (default) or more, else refused (QueryInvalid). Above the head
    /// nothing comes.
    /// </summary>
    public long FromNumber { get; init; } = 1;

    /// <inheritdoc cref="ProposeValue.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// At most 1,000 events from the asked number on. When that number is no longer kept, none: start again from
/// <see cref="ListDecisions"/>, and go on after <see cref="Head"/>.
/// </summary>
public sealed record DecisionEventsRead
{
    /// <inheritdoc cref="DecisionRead.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="DecisionEventsHead.Group"/>
    public string Group { get; init; } = "";

    /// <summary>
    /// The newest event's number; 0 before the first. While the last event here is below it, there are more
    /// to read.
    /// </summary>
    public long Head { get; init; }

    /// <summary>
    /// In order, without a gap from the asked number on; fewer than 1,000 when they fill 512 KiB.
    /// </summary>
    public IReadOnlyList<ValueDecided> Events { get; init; } = [];

    /// <summary>The asked events are no longer kept.</summary>
    public bool IsTrimmed { get; init; }

    /// <inheritdoc cref="ValueProposed.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}
