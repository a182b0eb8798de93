using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;

namespace Muster.Recovery.Consumers;

/// <summary>Translations between the contract's one-of shapes and the entry's.</summary>
public static class RecoveryCommands
{
    /// <summary>
    /// Whether a batch's command is one command: a bare-JSON sender may send none, two, or null.
    /// </summary>
    public static bool IsOfOneKind(RecoveryCommand? command) => command is not null && new object?[]
    {
        command.RegisterPolicy, command.RegisterStandby, command.WithdrawStandby, command.PromoteStandby,
        command.ConfirmPromotion, command.RemoveGroup, command.UpdateState, command.RecoverState,
        command.ReadRecoveryEvents,
    }.Count(kind => kind is not null) == 1;

    /// <summary>The command as the log takes it, or null when it is none for the log.</summary>
    public static RecoveryEntryCommand? ToEntry(RecoveryCommand command) => command switch
    {
        { RegisterPolicy: { } policy } => new() { RegisterPolicy = policy },
        { RegisterStandby: { } register } => new() { RegisterStandby = register },
        { WithdrawStandby: { } withdraw } => new() { WithdrawStandby = withdraw },
        { PromoteStandby: { } promote } => new() { PromoteStandby = promote },
        { ConfirmPromotion: { } confirm } => new() { ConfirmPromotion = confirm },
        { RemoveGroup: { } remove } => new() { RemoveGroup = remove },
        { UpdateState: { } update } => new() { UpdateState = update },
        _ => null,
    };

    public static string IdOf(RecoveryCommand command) => ToEntry(command) is { } entry
        ? HeadOf(entry).CommandId
        : command.RecoverState?.CommandId ?? command.ReadRecoveryEvents?.CommandId ?? "";

    public static (string CommandId, ReplyAddress? To) HeadOf(RecoveryEntryCommand entry) => entry switch
    {
        { RegisterPolicy: { } policy } => (policy.CommandId, policy.ReplyTo),
        { RegisterStandby: { } register } => (register.CommandId, register.ReplyTo),
        { WithdrawStandby: { } withdraw } => (withdraw.CommandId, withdraw.ReplyTo),
        { PromoteStandby: { } promote } => (promote.CommandId, promote.ReplyTo),
        { ConfirmPromotion: { } confirm } => (confirm.CommandId, confirm.ReplyTo),
        { RemoveGroup: { } remove } => (remove.CommandId, remove.ReplyTo),
        { UpdateState: { } update } => (update.CommandId, update.ReplyTo),
        _ => ("", null),
    };

    /// <summary>The command with the address its message came with, where it names none itself.</summary>
    public static RecoveryCommand From(RecoveryCommand command, ReplyAddress? sender) => command switch
    {
        _ when sender is null => command,
        { RegisterPolicy: { } policy } =>
            new() { RegisterPolicy = policy with { ReplyTo = policy.ReplyTo ?? sender } },
        { RegisterStandby: { } register } =>
            new() { RegisterStandby = register with { ReplyTo = register.ReplyTo ?? sender } },
        { WithdrawStandby: { } withdraw } =>
            new() { WithdrawStandby = withdraw with { ReplyTo = withdraw.ReplyTo ?? sender } },
        { PromoteStandby: { } promote } =>
            new() { PromoteStandby = promote with { ReplyTo = promote.ReplyTo ?? sender } },
        { ConfirmPromotion: { } confirm } =>
            new() { ConfirmPromotion = confirm with { ReplyTo = confirm.ReplyTo ?? sender } },
        { RemoveGroup: { } remove } =>
            new() { RemoveGroup = remove with { ReplyTo = remove.ReplyTo ?? sender } },
        { UpdateState: { } update } =>
            new() { UpdateState = update with { ReplyTo = update.ReplyTo ?? sender } },
        { RecoverState: { } query } =>
            new() { RecoverState = query with { ReplyTo = query.ReplyTo ?? sender } },
        { ReadRecoveryEvents: { } query } =>
            new() { ReadRecoveryEvents = query with { ReplyTo = query.ReplyTo ?? sender } },
        _ => command,
    };

    /// <summary>The answer inside the one-of.</summary>
    public static object Content(RecoveryReply reply) => reply switch
    {
        { RecoveryAccepted: { } accepted } => accepted,
        { StateWritten: { } written } => written,
        { StateRecovered: { } recovered } => recovered,
        { RecoveryEventsRead: { } read } => read,
        { RecoveryRefused: { } refused } => refused,
        { RecoveryUnknown: { } unknown } => unknown,
        _ => throw new InvalidOperationException("A reply holds no answer."),
    };

    /// <summary>A state is read and not gathered: what is long is a group of many members.</summary>
    public static long LengthOf(RecoveryReply reply) =>
        reply.RecoveryAccepted?.Group.Members.Sum(
            member => member.Member.Length + member.Node.Length + member.Incarnation.Length) ?? 0;

    public static RecoveryReply Refused(string commandId, RecoveryRefusal reason, string message) => new()
    {
        RecoveryRefused = new() { CommandId = commandId, Reason = reason, Message = message },
    };

    public static RecoveryReply Overloaded(string commandId, string? why = null) => Refused(
        commandId, RecoveryRefusal.Overloaded,
        why ?? "The replica has too many commands waiting; send again later.");

    public static RecoveryReply TooLarge(string commandId) => Refused(
        commandId, RecoveryRefusal.LimitReached, "The command is larger than an entry of the log.");

    public static RecoveryReply Unknown(string commandId) => new()
    {
        RecoveryUnknown = new()
        {
            CommandId = commandId,
            Message = "No leader confirmed the command in time; send it again with the same id to learn "
                + "its outcome.",
        },
    };
}
