using Muster.Contracts.Detector;
using Muster.Contracts.Registry;
using Muster.Registry.Consumers;
using Muster.Registry.Machine;
using Muster.Serving;

namespace Muster.Simulator;

/// <summary>
/// Where commands enter a registry's replica, with the rules of the real intake; all reads are current.
/// </summary>
internal sealed class RegistryIntake(
    RegistryReplica replica, Simulation world, PendingAnswers pending, LinkReplies sender)
{
    public const string Batches = "registry.batches";
    public const string Heartbeats = "registry.heartbeats";

    private readonly ReplyBatches<RegistryReply> _replies = sender.NewRegistryBatches();

    public IReadOnlyList<WorkSettings> Queues =>
    [
        new("muster-registry-batches", Batches, 256, world.Plan.BatchTtl, TakeBatch),
        new("muster-registry-heartbeats", Heartbeats, 1, 2 * Scheduler.Second, TakeHeartbeat),
    ];

    private void TakeBatch(WorkDelivery delivery, Action acknowledge)
    {
        var batch = (RegistryCommandBatch)delivery.Message.Body;
        world.Trace.Add("batch", replica.Name, batch.Commands.Count, batch);
        var owed = batch.Commands.Count;
        foreach (var command in batch.Commands)
        {
            Take(RegistryCommands.From(command, batch.ReplyTo), Settled);
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
        if (heartbeat.Leases.Count > 0)
        {
            replica.Submit(new RegistryEntryCommand { Heartbeat = heartbeat with { Sessions = [] } });
        }
    }

    private void Take(RegistryCommand command, Action settled)
    {
        if (RegistryCommands.ToEntry(command) is { } entry)
        {
            if (pending.TryAdd(RegistryCommands.ReplyToOf(entry), RegistryCommands.IdOf(entry), settled))
            {
                replica.Submit(entry);
            }
            return;
        }
        if (world.Mutation.ReadsAtOnce)
        {
            Answer(command, replica.Machine, settled);
            return;
        }
        replica.Read(machine => Answer(command, machine, settled));
    }

    private void Answer(RegistryCommand command, RegistryMachine? machine, Action settled)
    {
        var reply = command switch
        {
            _ when machine is null => RegistryCommands.Unknown(RegistryCommands.IdOf(command)),
            { GetConfig: { } get } => machine.Get(get),
            { ResolveService: { } resolve } => machine.Resolve(resolve),
            _ => throw new InvalidOperationException($"A command of no kind: {command}"),
        };
        _replies.Send(command.GetConfig?.ReplyTo ?? command.ResolveService?.ReplyTo, reply);
        settled();
    }
}
