using Microsoft.Extensions.Logging.Abstractions;
using Muster.Contracts.Lock;
using Muster.Lock.Consumers;
using Muster.Lock.Machine;
using Muster.Lock.Outcomes;
using Muster.Replication;
using Muster.Replication.Core;
using Muster.Serving;

namespace Muster.Simulator;

/// <summary>A replica of the lock service.</summary>
internal sealed class LockReplica(string name, ReplicaOptions options, Simulation world, ProcessClock clock)
    : ReplicaProcess<LockEntryCommand, LockEffect, LockMachine>(name, options, world, clock)
{
    public const string Events = "lock.events";

    private OutboxPublishing<LockEntryCommand, LockEvent, LockReply> _outbox = null!;
    private LockIntake _intake = null!;

    protected override IReadOnlyList<WorkSettings> Queues => _intake.Queues;

    protected override WatchedMachine<LockMachine, LockEffect> NewMachine()
    {
        var inner = new LockMachine();
        var mutation = World.Mutation.NewMachineMutation() ?? new MachineMutation();
        return new(inner)
        {
            Applies = World.Guarded(entry => mutation.Apply(inner, entry)),
            Restores = World.Guarded(snapshot => inner.Restore(snapshot)),
            Writes = mutation.OnSnapshot,
            OnApplied = (entry, effects) => World.Check(
                () => World.Checks.LockReplicas.OnApplied(this, entry, effects, inner.Digest)),
            OnRestored = () => World.Check(
                () => World.Checks.LockReplicas.OnRestored(this, inner.LastIndex, inner.Digest)),
        };
    }

    protected override byte[] Encode(IReadOnlyList<LockEntryCommand> commands) =>
        LockEntryCodec.Write(new LockEntry { Commands = commands });

    protected override LockEntryCommand Founding() => new() { Genesis = World.NewGenesis(Clock) };

    protected override IEffectSink<LockEntryCommand, LockEffect> NewSink(LinkReplies sender)
    {
        var pending = new PendingAnswers();
        _outbox = new(this, Origin, new()
        {
            Exchange = Events,
            Outbox = () => Machine.Outbox,
            Replies = sender.NewLockBatches(),
            Submit = Submit,
            Claim = claim => new() { OutboxClaim = claim },
            Published = published => new() { OutboxPublished = published },
            ReportsUnconfirmed = World.Mutation.ReportsUnconfirmed,
        });
        var crashes = new CrashIntake(
            groups: 1,
            (_, command) =>
            {
                Submit(command);
                return true;
            },
            Clock, NullLogger.Instance);
        _intake = new LockIntake(this, World, pending, sender, crashes);
        var states = new StateIntake<LockEntryCommand, LockEffect, LockMachine>(
            Group, () => throw new InvalidOperationException("No state is asked for here."),
            () => sender, restoration => new LockEntryCommand { StateRestoration = restoration },
            TimeProvider.System, NullLogger.Instance);
        return new LockOutcomes(
            new(Origin, sender.NewLockBatches(), pending, _outbox.Signal), states,
            crash => crashes.Taken(group: 0, crash));
    }

    protected override void StartServing()
    {
        _outbox.Start();
        _intake.Start();
    }
}
