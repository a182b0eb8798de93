namespace Muster.Contracts.Decisions;

/// <summary>
/// Many commands and queries of one process in one message; each has its own answer. At most 1,000. Answers:
/// one or more <see cref="DecisionReplyBatch"/>.
/// </summary>
public sealed record DecisionCommandBatch
{
    public ReplyAddress? ReplyTo { get; init; }

    public IReadOnlyList<DecisionCommand> Commands { get; init; } = [];
}

/// <summary>
/// One command or query: exactly one of the properties is set, beside <see cref="TraceParent"/>.
/// </summary>
public sealed record DecisionCommand
{
    public ProposeValue? ProposeValue { get; init; }

    public GetDecision? GetDecision { get; init; }

    public ListDecisions? ListDecisions { get; init; }

    public ReadDecisionEvents? ReadDecisionEvents { get; init; }

    /// <summary>
    /// The sender's span, as W3C's <c>traceparent</c> has it: the service's part becomes its child. Not part
    /// of the command, and not in the log. Null: not traced.
    /// </summary>
    public string? TraceParent { get; init; }
}

public sealed record DecisionReplyBatch
{
    public IReadOnlyList<DecisionReply> Replies { get; init; } = [];
}

/// <summary>One answer: exactly one of the properties is set.</summary>
public sealed record DecisionReply
{
    public ValueProposed? ValueProposed { get; init; }

    public DecisionRead? DecisionRead { get; init; }

    public DecisionsListed? DecisionsListed { get; init; }

    public DecisionEventsRead? DecisionEventsRead { get; init; }

    public DecisionRefused? DecisionRefused { get; init; }

    public DecisionUnknown? DecisionUnknown { get; init; }
}
