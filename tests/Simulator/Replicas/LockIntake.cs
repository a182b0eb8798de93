using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Lock.Consumers;
using Muster.Lock.Machine;
using Muster.Serving;

namespace Muster.Simulator;

/// <summary>
/// Where commands enter a replica, with the rules of the real intake: a batch is acknowledged when all its
/// commands are answered, a heartbeat at once, and a command that is under way already joins the first. Of
/// verdicts it is the real one.
/// </summary>
internal sealed class LockIntake(
    LockReplica replica, Simulation world, PendingAnswers pending, LinkReplies sender, CrashIntake crashes)
{
    public const string Batches = "lock.batches";
    public const string Heartbeats = "lock.heartbeats";

    private const long Repeat = Scheduler.Second;

    private readonly ReplyBatches<LockReply> _replies = sender.NewLockBatches();

    public IReadOnlyList<WorkSettings> Queues =>
    [
        new("muster-lock-batches", Batches, 256, world.Plan.BatchTtl, TakeBatch),
        new("muster-lock-heartbeats", Heartbeats, 1, 2 * Scheduler.Second, TakeHeartbeat),
        new("muster-lock-verdicts", DetectorReplica.Events, 64, 10 * Scheduler.Second, TakeVerdict)
        {
            IsPersistent = true,
        },
    ];

    public void Start() => replica.Later(Repeat, Propose);

    private void Propose()
    {
        crashes.ProposeAgain();
        replica.Later(Repeat, Propose);
    }

    private void TakeVerdict(WorkDelivery delivery, Action acknowledge)
    {
        if (((DetectorEvent)delivery.Message.Body).NodeFailed is not { } failed)
        {
            acknowledge(); // not bound in the real topology
            return;
        }
        crashes.Consume(new LinkMessage(ack: _ => acknowledge())
        {
            Type = BusJson.TypeName(typeof(NodeFailed)),
            Body = BusJson.Write(failed),
        });
    }

    private void TakeBatch(WorkDelivery delivery, Action acknowledge)
    {
        var batch = (LockCommandBatch)delivery.Message.Body;
        world.Trace.Add("batch", replica.Name, batch.Commands.Count, batch);
        var owed = batch.Commands.Count;
        foreach (var command in batch.Commands)
        {
            Take(LockCommands.From(command, batch.ReplyTo), Settled);
        }

        void Settled()
        {
            if (--owed == 0)
            {
                acknowledge();
            }
        }
    }

    private void TakeHeartbeat(WorkDelivery delivery, Action acknowledge)
    {
        var heartbeat = (Heartbeat)delivery.Message.Body;
        acknowledge();
        if (heartbeat.Sessions.Count > 0)
        {
            replica.Submit(new LockEntryCommand { Heartbeat = heartbeat with { Leases = [] } });
        }
    }

    private void Take(LockCommand command, Action settled)
    {
        if (command.DescribeLock is { } describe)
        {
            Describe(describe, settled);
            return;
        }
        var entry = LockCommands.ToEntry(command)
            ?? throw new InvalidOperationException($"A command of no kind: {command}");
        if (pending.TryAdd(LockCommands.ReplyToOf(entry), LockCommands.IdOf(entry), settled))
        {
            replica.Submit(entry);
        }
    }

    private void Describe(DescribeLock describe, Action settled) => replica.Read(machine =>
    {
        var reply = machine?.Describe(describe) ?? LockCommands.Unknown(describe.CommandId);
        _replies.Send(describe.ReplyTo, reply);
        settled();
    });
}
