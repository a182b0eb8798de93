using Muster.Contracts;
using Muster.Contracts.Decisions;
using Muster.Decisions.Machine;

namespace Muster.Decisions.Consumers;

/// <summary>Translations between the contract's one-of shapes and the entry's.</summary>
public static class DecisionCommands
{
    /// <summary>
    /// Whether a batch's command is one command: a bare-JSON sender may send none, two, or null.
    /// </summary>
    public static bool IsOfOneKind(DecisionCommand? command) => command is not null && new object?[]
    {
        command.ProposeValue, command.GetDecision, command.ListDecisions, command.ReadDecisionEvents,
    }.Count(kind => kind is not null) == 1;

    public static string IdOf(DecisionCommand command) =>
        command.ProposeValue?.CommandId ?? command.GetDecision?.CommandId
        ?? command.ListDecisions?.CommandId ?? command.ReadDecisionEvents?.CommandId ?? "";

    public static string IdOf(DecisionEntryCommand entry) => entry.ProposeValue?.CommandId ?? "";

    public static ReplyAddress? ReplyToOf(DecisionEntryCommand entry) => entry.ProposeValue?.ReplyTo;

    public static ReplyAddress? ReplyToOf(DecisionCommand command) =>
        command.ProposeValue?.ReplyTo ?? command.GetDecision?.ReplyTo
        ?? command.ListDecisions?.ReplyTo ?? command.ReadDecisionEvents?.ReplyTo;

    /// <summary>The command with the address its message came with, where it names none itself.</summary>
    public static DecisionCommand From(DecisionCommand command, ReplyAddress? sender) => command switch
    {
        _ when sender is null => command,
        { ProposeValue: { } propose } =>
            new() { ProposeValue = propose with { ReplyTo = propose.ReplyTo ?? sender } },
        { GetDecision: { } query } =>
            new() { GetDecision = query with { ReplyTo = query.ReplyTo ?? sender } },
        { ListDecisions: { } query } =>
            new() { ListDecisions = query with { ReplyTo = query.ReplyTo ?? sender } },
        { ReadDecisionEvents: { } query } =>
            new() { ReadDecisionEvents = query with { ReplyTo = query.ReplyTo ?? sender } },
        _ => command,
    };

    /// <summary>The answer inside the one-of.</summary>
    public static object Content(DecisionReply reply) => reply switch
    {
        { ValueProposed: { } proposed } => proposed,
        { DecisionRead: { } read } => read,
        { DecisionsListed: { } listed } => listed,
        { DecisionEventsRead: { } read } => read,
        { DecisionRefused: { } refused } => refused,
        { DecisionUnknown: { } unknown } => unknown,
        _ => throw new InvalidOperationException("A reply holds no answer."),
    };

    /// <summary>A taken key's answer has its value.</summary>
    public static long LengthOf(DecisionReply reply) =>
        reply.ValueProposed is { Decision: var decision } ? decision.Key.Length + decision.Value.Length : 0;

    public static DecisionReply Refused(string commandId, DecisionRefusal reason, string message) => new()
    {
        DecisionRefused = new() { CommandId = commandId, Reason = reason, Message = message },
    };

    public static DecisionReply Overloaded(string commandId, string? why = null) => Refused(
        commandId, DecisionRefusal.Overloaded,
        why ?? "The replica has too many commands waiting; send again later.");

    public static DecisionReply TooLarge(string commandId) => Refused(
        commandId, DecisionRefusal.LimitReached, "The command is larger than an entry of the log.");

    public static DecisionReply Unknown(string commandId) => new()
    {
        DecisionUnknown = new()
        {
            CommandId = commandId,
            Message = "No leader confirmed the command in time; send it again with the same id "
                + "to learn its outcome.",
        },
    };
}
