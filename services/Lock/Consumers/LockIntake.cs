using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Lock.History;
using Muster.Lock.Machine;
using Muster.Replication;
using Muster.Serving;

namespace Muster.Lock.Consumers;

/// <summary>
/// Where a group's commands enter, whatever lane they came by: queries are read, commands are proposed.
/// </summary>
public sealed class LockIntake(
    ReplicaRuntime<LockEntryCommand, LockEffect> runtime, PendingAnswers pending,
    ReplyBatches<LockReply> replies, LockHistory? history = null)
{
    private readonly CommandIntake<LockEntryCommand, LockEffect, LockReply> _intake =
        new(runtime, pending, replies, LockCommands.Overloaded);

    /// <summary>
    /// Takes one command; <paramref name="settled"/> is called once, after its first answer is sent.
    /// </summary>
    public void Take(LockCommand command, Action settled)
    {
        if (QueryOf(command) is { } query)
        {
            var id = LockCommands.IdOf(command);
            var asker = LockCommands.ReplyToOf(command);
            _intake.Read(
                query,
                answer => replies.Send(
                    asker, answer.IsKnown ? answer.Result! : LockCommands.Unknown(id)),
                settled);
            return;
        }
        if (command.ReadLockHistory is { } past)
        {
            _ = ReadHistoryAsync(past, settled);
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
        _intake.Propose(entry, commandId, to, settled);
    }

    /// <summary>Takes a catch-up query.</summary>
    public void Take(ReadLockEvents query, Action settled) => _intake.Read(
        (LockMachine machine) => machine.ReadEvents(query),
        answer =>
        {
            if (answer.IsKnown)
            {
                replies.SendContent(query.ReplyTo, answer.Result!);
            }
            else
            {
                replies.Send(query.ReplyTo, LockCommands.Unknown(query.CommandId));
            }
        },
        settled);

    /// <summary>
    /// Takes a heartbeat: a renewal that nobody waits for, so an overloaded replica drops it. One that names
    /// no sessions is for other services, and costs no entry; nor do its leases cost room in the log, or its
    /// connection, which is the detectors'. One that names more than the machine renews at a time becomes
    /// several, each with its answer.
    /// </summary>
    /// <returns>Whether it is proposed, all of it.</returns>
    public bool Take(Heartbeat heartbeat) =>
        heartbeat.Sessions.Count > 0
        && heartbeat.Sessions.Distinct(StringComparer.Ordinal)
            .Chunk(LockLimits.Default.MaxSessionsPerHeartbeat).All(sessions =>
            runtime.TrySubmit(new LockEntryCommand
            {
                Heartbeat = heartbeat with { Sessions = sessions, Leases = [], Connection = "" },
            }));

    /// <summary>
    /// The machine's part is read linearizably first: by then the history has been handed all that was
    /// acknowledged before.
    /// </summary>
    private async Task ReadHistoryAsync(ReadLockHistory query, Action settled)
    {
        if (history is null)
        {
            Answer(LockCommands.Refused(
                query.CommandId, LockRefusal.NoHistory,
                "This replica keeps none: Lock:HistoryEntries is 0."));
            return;
        }
        var opened = default(QueryAnswer<LockReply>);
        try
        {
            opened = await runtime.ReadAsync(
                (LockMachine machine) => machine.OpenHistory(query), CancellationToken.None);
        }
        finally
        {
            if (opened is { IsKnown: true, Result.LockHistoryRead: { } begun })
            {
                history.Read(query, begun, Answer);
            }
            else
            {
                Answer(opened.IsKnown ? opened.Result! : LockCommands.Unknown(query.CommandId));
            }
        }

        void Answer(LockReply reply)
        {
            replies.Send(query.ReplyTo, reply);
            settled();
        }
    }

    /// <summary>What the machine alone answers; null: a command, or the history's.</summary>
    private static Func<LockMachine, LockReply>? QueryOf(LockCommand command) => command switch
    {
        { DescribeLock: { } query } => machine => machine.Describe(query),
        { ObserveLeader: { } query } => machine => machine.Observe(query),
        { ListLocks: { } query } => machine => machine.List(query),
        { FindDeadlocks: { } query } => machine => machine.FindDeadlocks(query),
        { DescribeNamespaces: { } query } => machine => machine.DescribeNamespaces(query),
        _ => null,
    };
}
