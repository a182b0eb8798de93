using Microsoft.Extensions.Logging.Abstractions;
using Muster.Contracts.Registry;
using Muster.Registry.Machine;
using Muster.Registry.Outcomes;
using Muster.Replication;
using Muster.Replication.Core;
using Muster.Serving;

namespace Muster.Simulator;

/// <summary>A replica of the registry, without views: its clients read over the bus.</summary>
internal sealed class RegistryReplica(
    string name, ReplicaOptions options, Simulation world, ProcessClock clock)
    : ReplicaProcess<RegistryEntryCommand, RegistryEffect, RegistryMachine>(name, options, world, clock)
{
    private OutboxPublishing<RegistryEntryCommand, RegistryEvent, RegistryReply> _outbox = null!;
    private RegistryIntake _intake = null!;

    protected override IReadOnlyList<WorkSettings> Queues => _intake.Queues;

    protected override WatchedMachine<RegistryMachine, RegistryEffect> NewMachine()
    {
        var inner = new RegistryMachine();
        return new(inner)
        {
            Applies = World.Guarded(entry => World.Mutation.OnRegistryEntry(inner, entry)),
            OnApplied = (entry, effects) => World.Check(
                () => World.Checks.RegistryReplicas.OnApplied(this, entry, effects, inner.Digest)),
            OnRestored = () => World.Check(
                () => World.Checks.RegistryReplicas.OnRestored(this, inner.LastIndex, inner.Digest)),
        };
    }

    protected override byte[] Encode(IReadOnlyList<RegistryEntryCommand> commands) =>
        RegistryEntryCodec.Write(new RegistryEntry { Commands = commands });

    protected override RegistryEntryCommand Founding() => new()
    {
        Genesis = new()
        {
            Group = Group,
            ClusterId = "sim",
            Epoch = Clock.GetUtcNow().ToUnixTimeMilliseconds(),
            CommandWindowMilliseconds = World.Plan.CommandWindow,
        },
    };

    protected override IEffectSink<RegistryEntryCommand, RegistryEffect> NewSink(LinkReplies sender)
    {
        var pending = new PendingAnswers();
        _outbox = new(this, Origin, new()
        {
            Exchange = "registry.events",
            Outbox = () => Machine.Outbox,
            Replies = sender.NewRegistryBatches(),
            Submit = Submit,
            Claim = claim => new() { OutboxClaim = claim },
            Published = published => new() { OutboxPublished = published },
        });
        _intake = new RegistryIntake(this, World, pending, sender);
        var states = new StateIntake<RegistryEntryCommand, RegistryEffect, RegistryMachine>(
            Group, () => throw new InvalidOperationException("No state is asked for here."),
            () => sender, restoration => new RegistryEntryCommand { StateRestoration = restoration },
            TimeProvider.System, NullLogger.Instance);
        return new RegistryOutcomes(
            new(Origin, sender.NewRegistryBatches(), pending, _outbox.Signal), states,
            new ReplicaCurrency(Clock));
    }

    protected override void StartServing() => _outbox.Start();
}
