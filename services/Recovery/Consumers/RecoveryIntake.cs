using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;
using Muster.Replication;
using Muster.Serving;

namespace Muster.Recovery.Consumers;

/// <summary>
/// Where every recovery command enters, whatever lane it came by: queries are read, commands are proposed.
/// </summary>
public sealed class RecoveryIntake(
    ReplicaRuntime<RecoveryEntryCommand, RecoveryEffect> runtime, PendingAnswers pending,
    ReplyBatches<RecoveryReply> replies) : IBatchTaker<RecoveryCommandBatch, RecoveryCommand>
{
    /// <summary>Beside the bus's own limit: a hundred writes of 256 KiB are more than it carries.</summary>
    private const int MaxCommands = 100;

    private readonly CommandIntake<RecoveryEntryCommand, RecoveryEffect, RecoveryReply> _intake =
        new(runtime, pending, replies, RecoveryCommands.Overloaded);

    /// <summary>
    /// Takes one command; <paramref name="settled"/> is called once, after its first answer is sent.
    /// </summary>
    public void Take(RecoveryCommand command, Action settled)
    {
        switch (command)
        {
            case { RecoverState: { } query }:
                Read(machine => machine.Recover(query), query.CommandId, query.ReplyTo, settled);
                return;
            case { ReadRecoveryEvents: { } query }:
                Read(
                    machine => new() { RecoveryEventsRead = machine.ReadEvents(query) },
                    query.CommandId, query.ReplyTo, settled);
                return;
        }
        if (RecoveryCommands.ToEntry(command) is not { } entry)
        {
            settled();
            return;
        }
        var (commandId, to) = RecoveryCommands.HeadOf(entry);
        if (commandId.Length == 0)
        {
            // The answer finds its message by the command's id, so this one cannot even be proposed.
            replies.Send(to, RecoveryCommands.Refused(
                commandId, RecoveryRefusal.CommandIdInvalid,
                "The command has no id, and neither has its message."));
            settled();
            return;
        }
        _intake.Propose(entry, commandId, to, settled);
    }

    ReplyAddress? IBatchTaker<RecoveryCommandBatch, RecoveryCommand>.ReplyToOf(RecoveryCommandBatch batch) =>
        batch.ReplyTo;

    // Too many become none, which the intake refuses.
    IReadOnlyList<RecoveryCommand?> IBatchTaker<RecoveryCommandBatch, RecoveryCommand>.CommandsOf(
        RecoveryCommandBatch batch) => batch.Commands.Count > MaxCommands ? [] : batch.Commands;

    bool IBatchTaker<RecoveryCommandBatch, RecoveryCommand>.IsOfOneKind(RecoveryCommand? command) =>
        RecoveryCommands.IsOfOneKind(command);

    void IBatchTaker<RecoveryCommandBatch, RecoveryCommand>.Take(
        RecoveryCommand command, ReplyAddress? sender, Action settled) =>
        Take(RecoveryCommands.From(command, sender), settled);

    string? IBatchTaker<RecoveryCommandBatch, RecoveryCommand>.TraceParentOf(RecoveryCommand command) =>
        command.TraceParent;

    string IBatchTaker<RecoveryCommandBatch, RecoveryCommand>.IdOf(RecoveryCommand command) =>
        RecoveryCommands.IdOf(command);

    void IBatchTaker<RecoveryCommandBatch, RecoveryCommand>.Refuse(
        string commandId, ReplyAddress? sender, string why) =>
        replies.Send(sender, RecoveryCommands.Refused(
            commandId, RecoveryRefusal.BatchInvalid, $"{why} A recovery batch has {MaxCommands} at most."));

    private void Read(
        Func<RecoveryMachine, RecoveryReply> query, string commandId, ReplyAddress? to, Action settled) =>
        _intake.Read(
            query,
            answer => replies.Send(
                to, answer.IsKnown ? answer.Result! : RecoveryCommands.Unknown(commandId)),
            settled);
}
