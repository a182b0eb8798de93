using Muster.Contracts;
using Muster.Contracts.Decisions;
using Muster.Decisions.Machine;
using Muster.Replication;
using Muster.Serving;

namespace Muster.Decisions.Consumers;

/// <summary>
/// Where every command about decisions enters, whatever lane it came by: queries are read, values proposed.
/// </summary>
public sealed class DecisionIntake(
    ReplicaRuntime<DecisionEntryCommand, DecisionEffect> runtime, PendingAnswers pending,
    ReplyBatches<DecisionReply> replies, ReplicaCurrency currency)
    : IBatchTaker<DecisionCommandBatch, DecisionCommand>
{
    private readonly CommandIntake<DecisionEntryCommand, DecisionEffect, DecisionReply> _intake =
        new(runtime, pending, replies, DecisionCommands.Overloaded);

    /// <summary>Whether a command is proposed at once: neither halted nor on its way up the log.</summary>
    public bool IsCaughtUp => runtime.IsCaughtUp;

    /// <summary>
    /// Takes one command; <paramref name="settled"/> is called once, after its first answer is sent.
    /// </summary>
    public void Take(DecisionCommand command, Action settled)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(settled);
        switch (command)
        {
            // The answer finds its message by the command's id, so this one cannot even be proposed.
            case { ProposeValue: { CommandId.Length: 0 } propose }:
                replies.Send(propose.ReplyTo, DecisionCommands.Refused(
                    "", DecisionRefusal.CommandIdInvalid,
                    "The command has no id, and neither has its message."));
                settled();
                break;
            case { ProposeValue: { } propose }:
                _intake.Propose(
                    new() { ProposeValue = propose }, propose.CommandId, propose.ReplyTo, settled);
                break;
            case { GetDecision: { } query }:
                Read(query.Mode, query.CommandId, query.ReplyTo, settled,
                    (machine, age) => machine.Get(query, age));
                break;
            case { ListDecisions: { } query }:
                Read(query.Mode, query.CommandId, query.ReplyTo, settled,
                    (machine, age) => machine.List(query, age));
                break;
            case { ReadDecisionEvents: { } query }:
                ReadCurrent(query.CommandId, query.ReplyTo, machine => machine.ReadEvents(query), settled);
                break;
            default:
                settled();
                break;
        }
    }

    ReplyAddress? IBatchTaker<DecisionCommandBatch, DecisionCommand>.ReplyToOf(DecisionCommandBatch batch) =>
        batch.ReplyTo;

    IReadOnlyList<DecisionCommand?> IBatchTaker<DecisionCommandBatch, DecisionCommand>.CommandsOf(
        DecisionCommandBatch batch) => batch.Commands;

    bool IBatchTaker<DecisionCommandBatch, DecisionCommand>.IsOfOneKind(DecisionCommand? command) =>
        DecisionCommands.IsOfOneKind(command);

    void IBatchTaker<DecisionCommandBatch, DecisionCommand>.Take(
        DecisionCommand command, ReplyAddress? sender, Action settled) =>
        Take(DecisionCommands.From(command, sender), settled);

    string? IBatchTaker<DecisionCommandBatch, DecisionCommand>.TraceParentOf(DecisionCommand command) =>
        command.TraceParent;

    string IBatchTaker<DecisionCommandBatch, DecisionCommand>.IdOf(DecisionCommand command) =>
        DecisionCommands.IdOf(command);

    void IBatchTaker<DecisionCommandBatch, DecisionCommand>.Refuse(
        string commandId, ReplyAddress? sender, string why) =>
        replies.Send(sender, DecisionCommands.Refused(commandId, DecisionRefusal.BatchInvalid, why));

    /// <summary>
    /// A cached answer without an age would say nothing: until there is one, a read is current.
    /// </summary>
    private void Read(
        ReadMode mode, string commandId, ReplyAddress? to, Action settled,
        Func<DecisionsMachine, long?, DecisionReply> query)
    {
        if (mode == ReadMode.Cached && currency.Age is not null)
        {
            _ = ReadCachedAsync(commandId, to, query, settled);
        }
        else
        {
            ReadCurrent(commandId, to, machine => query(machine, null), settled);
        }
    }

    private void ReadCurrent(
        string commandId, ReplyAddress? to, Func<DecisionsMachine, DecisionReply> query, Action settled) =>
        _intake.Read(
            query,
            answer => replies.Send(
                to, answer.IsKnown ? answer.Result! : DecisionCommands.Unknown(commandId)),
            settled);

    private async Task ReadCachedAsync(
        string commandId, ReplyAddress? to, Func<DecisionsMachine, long?, DecisionReply> query,
        Action settled)
    {
        try
        {
            // The age as of the query's turn on the loop. Forgotten meanwhile: nobody can tell it.
            var reply = await runtime.InspectAsync(
                (DecisionsMachine machine) => currency.Age is { } age
                    ? query(machine, (long)Math.Ceiling(age.TotalMilliseconds))
                    : DecisionCommands.Unknown(commandId),
                CancellationToken.None);
            replies.Send(to, reply);
        }
        catch (InvalidOperationException)
        {
            replies.Send(to, DecisionCommands.Unknown(commandId)); // the replica has stopped
        }
        finally
        {
            settled();
        }
    }
}
