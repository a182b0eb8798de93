using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Recovery;
using Muster.Recovery.Consumers;
using Muster.Recovery.Machine;
using Muster.Serving;

namespace Muster.Simulator;

/// <summary>
/// Where commands and verdicts enter a recovery replica: the real intake of verdicts, and for commands the
/// real one's rules.
/// </summary>
internal sealed class RecoveryIntake(
    RecoveryReplica replica, Simulation world, PendingAnswers pending, LinkReplies sender,
    VerdictIntake verdicts)
{
    public const string Batches = "recovery.batches";

    private const long Repeat = Scheduler.Second;

    private readonly ReplyBatches<RecoveryReply> _replies = sender.NewRecoveryBatches();

    /// <summary>The verdicts that are not applied yet, by their place in the queue.</summary>
    private readonly SortedDictionary<long, RecoveryEntryCommand> _open = [];

    public IReadOnlyList<WorkSettings> Queues =>
    [
        new("muster-recovery-batches", Batches, 256, world.Plan.BatchTtl, TakeBatch),
        new("muster-recovery-verdicts", DetectorReplica.Events, 64, long.MaxValue / 2, TakeVerdict)
        {
            IsPersistent = true,
        },
    ];

    public void Start() => replica.Later(Repeat, Propose);

    /// <summary>What is not applied, again: until it is, nobody else gets it.</summary>
    private void Propose()
    {
        foreach (var command in _open.Values)
        {
            replica.Submit(command);
        }
        replica.Later(Repeat, Propose);
    }

    private void TakeVerdict(WorkDelivery delivery, Action acknowledge)
    {
        var one = (DetectorEvent)delivery.Message.Body;
        RecoveryEntryCommand? command = one switch
        {
            { NodeFailed: { } failed } => new() { NodeFailed = failed },
            { NodeRestored: { } restored } => new() { NodeRestored = restored },
            { NodeLeft: { } left } => new() { NodeLeft = left },
            _ => null,
        };
        if (command is null)
        {
            acknowledge(); // not bound in the real topology
            return;
        }
        _open[delivery.Order] = command;
        object verdict = one.NodeFailed ?? one.NodeRestored ?? (object)one.NodeLeft!;
        verdicts.Consume(new LinkMessage(ack: _ =>
        {
            _open.Remove(delivery.Order);
            acknowledge();
        })
        {
            Type = BusJson.TypeName(verdict.GetType()),
            Body = BusJson.Write(verdict),
        });
    }

    private void TakeBatch(WorkDelivery delivery, Action acknowledge)
    {
        var batch = (RecoveryCommandBatch)delivery.Message.Body;
        world.Trace.Add("batch", replica.Name, batch.Commands.Count, batch);
        var owed = batch.Commands.Count;
        foreach (var command in batch.Commands)
        {
            Take(RecoveryCommands.From(command, batch.ReplyTo), Settled);
        }

        void Settled()
        {
            if (--owed == 0)
            {
                acknowledge();
            }
        }
    }

    private void Take(RecoveryCommand command, Action settled)
    {
        switch (command)
        {
            case { RecoverState: { } query }:
                Read(query.CommandId, query.ReplyTo, machine => machine.Recover(query), settled);
                return;
            case { ReadRecoveryEvents: { } query }:
                Read(
                    query.CommandId, query.ReplyTo,
                    machine => new() { RecoveryEventsRead = machine.ReadEvents(query) }, settled);
                return;
        }
        var entry = RecoveryCommands.ToEntry(command)
            ?? throw new InvalidOperationException($"A command of no kind: {command}");
        var (id, to) = RecoveryCommands.HeadOf(entry);
        if (pending.TryAdd(to, id, settled))
        {
            replica.Submit(entry);
        }
    }

    private void Read(
        string commandId, ReplyAddress? to, Func<RecoveryMachine, RecoveryReply> query, Action settled) =>
        replica.Read(machine =>
        {
            _replies.Send(to, machine is null ? RecoveryCommands.Unknown(commandId) : query(machine));
            settled();
        });
}
