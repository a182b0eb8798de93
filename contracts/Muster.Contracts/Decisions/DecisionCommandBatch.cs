namespace Muster.Contracts.Decisions;

/// <summary>
/// Many commands and queries of one process in one message; each has its own answer. At most 1,000. Answers:
/// one or more <see cref="DecisionReplyBatch"/>.
/// </summary>
public sealed record DecisionCommandBatch
{
    /// <summary>
    /// Where the answers of all its commands go that name no address themselves. Null: where the message asks
    /// for them.
    /// </summary>
    public ReplyAddress? ReplyTo { get; init; }

    /// <summary>
    /// 1 to 1,000, each taken for itself, in no certain order. An empty or larger batch is refused as a
    /// whole: BatchInvalid, without a command id.
    /// </summary>
    public IReadOnlyList<DecisionCommand> Commands { get; init; } = [];
}

/// <summary>
/// One command or query: exactly one of the properties is set, beside <see cref="TraceParent"/>.
/// </summary>
public sealed record DecisionCommand
{
    /// <summary>Answered with <see cref="DecisionReply.ValueProposed"/>, unless refused or unknown.</summary>
    public ProposeValue? ProposeValue { get; init; }

    /// <summary>Answered with <see cref="DecisionReply.DecisionRead"/>, unless refused or unknown.</summary>
    public GetDecision? GetDecision { get; init; }

    /// <summary>
    /// Answered with <see cref="DecisionReply.DecisionsListed"/>, unless refused or unknown.
    /// </summary>
    public ListDecisions? ListDecisions { get; init; }

    /// <summary>
    /// Answered with <see cref="DecisionReply.DecisionEventsRead"/>, unless refused or unknown.
    /// </summary>
    public ReadDecisionEvents? ReadDecisionEvents { get; init; }

    /// <summary>
    /// The sender's span, as W3C's <c>traceparent</c> has it: the service's part becomes its child. Not part
    /// of the command, and not in the log. Null: not traced.
    /// </summary>
    public string? TraceParent { get; init; }
}

/// <summary>
/// Answers to commands of batches, in the order in which they came to be; may mix those of several batches.
/// </summary>
public sealed record DecisionReplyBatch
{
    /// <summary>1 to 256; each is matched by its command id.</summary>
    public IReadOnlyList<DecisionReply> Replies { get; init; } = [];
}

/// <summary>One answer: exactly one of the properties is set.</summary>
public sealed record DecisionReply
{
    /// <summary>Of <see cref="DecisionCommand.ProposeValue"/>.</summary>
    public ValueProposed? ValueProposed { get; init; }

    /// <summary>Of <see cref="DecisionCommand.GetDecision"/>.</summary>
    public DecisionRead? DecisionRead { get; init; }

    /// <summary>Of <see cref="DecisionCommand.ListDecisions"/>.</summary>
    public DecisionsListed? DecisionsListed { get; init; }

    /// <summary>Of <see cref="DecisionCommand.ReadDecisionEvents"/>.</summary>
    public DecisionEventsRead? DecisionEventsRead { get; init; }

    /// <summary>Of any command or query, or of a batch as a whole.</summary>
    public DecisionRefused? DecisionRefused { get; init; }

    /// <summary>Of any command or query.</summary>
    public DecisionUnknown? DecisionUnknown { get; init; }
}
