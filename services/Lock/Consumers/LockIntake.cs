using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Lock.Outcomes;
using Muster.Replication;

namespace Muster.Lock.Consumers;

/// <summary>
/// Where every lock command enters, whatever lane it came by: queries are read, commands are proposed.
/// </summary>
public sealed class LockIntake(
    ReplicaRuntime<LockEntryCommand, LockEffect> runtime, PendingAnswers pending, LockReplies replies)
{
    /// <summary>
    /// Takes one command; <paramref name="settled"/> is called once, after its first answer is sent.
    /// </summary>
    public void Take(LockCommand command, Action settled)
    {
        if (command.DescribeLock is { } describe)
        {
            Answer(
                describe.CommandId, describe.ReplyTo,
                machine => LockCommands.Content(machine.Describe(describe)), settled);
            return;
        }
        if (LockCommands.ToEntry(command) is not { } entry)
        {
            settled();
            return;
        }
        var (commandId, to) = (LockCommands.IdOf(entry), LockCommands.ReplyToOf(entry));
        if (commandId.Length == 0)
        {
            // The answer finds its message by the command's id, so this one cannot even be proposed.
            replies.Send(to, LockCommands.Refused(
                commandId, LockRefusal.CommandIdInvalid,
                "The command has no id, and neither has its message."));
            settled();
            return;
        }
        if (pending.TryAdd(to, commandId, settled) && !runtime.TrySubmit(entry))
        {
            replies.Send(to, LockCommands.Overloaded(commandId));
            pending.Settle(to, commandId);
        }
    }

    /// <summary>Takes a catch-up query.</summary>
    public void Take(ReadLockEvents query, Action settled) =>
        Answer(query.CommandId, query.ReplyTo, machine => machine.ReadEvents(query), settled);

    /// <summary>
    /// Takes a heartbeat: a renewal that nobody waits for, so an overloaded replica drops it.
    /// </summary>
    public bool Take(Heartbeat heartbeat) =>
        runtime.TrySubmit(new LockEntryCommand { Heartbeat = heartbeat });

    private void Answer(
        string commandId, ReplyAddress? to, Func<LockMachine, object> query, Action settled) =>
        _ = AnswerAsync(commandId, to, query, settled);

    private async Task AnswerAsync(
        string commandId, ReplyAddress? to, Func<LockMachine, object> query, Action settled)
    {
        try
        {
            var answer = await runtime.ReadAsync(query, CancellationToken.None);
            replies.SendContent(to, answer.IsKnown ? answer.Result! : LockCommands.Unknown(commandId));
        }
        finally
        {
            settled();
        }
    }
}
