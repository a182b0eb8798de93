using Microsoft.Extensions.Logging.Abstractions;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Muster.Recovery.Consumers;
using Muster.Recovery.Executing;
using Muster.Recovery.Machine;
using Muster.Recovery.Outcomes;
using Muster.Replication;
using Muster.Replication.Core;
using Muster.Serving;

namespace Muster.Simulator;

/// <summary>A replica of the recovery service, without backups.</summary>
internal sealed class RecoveryReplica(
    string name, ReplicaOptions options, Simulation world, ProcessClock clock)
    : ReplicaProcess<RecoveryEntryCommand, RecoveryEffect, RecoveryMachine>(name, options, world, clock)
{
    public const string Events = "recovery.events";

    private OutboxPublishing<RecoveryEntryCommand, RecoveryEvent, RecoveryReply> _outbox = null!;
    private RecoveryIntake _intake = null!;
    private PlanExecuting _executing = null!;

    protected override IReadOnlyList<WorkSettings> Queues => _intake.Queues;

    protected override void OnOther(object body)
    {
        if (body is LockReplyBatch batch)
        {
            _executing.Receive(batch);
        }
    }

    protected override WatchedMachine<RecoveryMachine, RecoveryEffect> NewMachine()
    {
        var inner = new RecoveryMachine();
        return new(inner)
        {
            Applies = World.Guarded(entry => World.Mutation.OnRecoveryEntry(inner, entry)),
            OnApplied = (entry, effects) => World.Check(() =>
            {
                World.Checks.RecoveryReplicas.OnApplied(this, entry, effects, inner.Digest);
                World.Checks.Recovery.OnFences(entry.Index, inner.OpenFences);
            }),
            OnRestored = () => World.Check(
                () => World.Checks.RecoveryReplicas.OnRestored(this, inner.LastIndex, inner.Digest)),
        };
    }

    protected override byte[] Encode(IReadOnlyList<RecoveryEntryCommand> commands) =>
        RecoveryEntryCodec.Write(new RecoveryEntry { Commands = commands });

    protected override RecoveryEntryCommand Founding() => new()
    {
        Group = new()
        {
            Genesis = new()
            {
                Group = Group,
                ClusterId = "sim",
                Epoch = Clock.GetUtcNow().ToUnixTimeMilliseconds(),
                CommandWindowMilliseconds = World.Plan.CommandWindow,
            },
        },
    };

    protected override IEffectSink<RecoveryEntryCommand, RecoveryEffect> NewSink(LinkReplies sender)
    {
        var pending = new PendingAnswers();
        _outbox = new(this, Origin, new()
        {
            Exchange = Events,
            Outbox = () => Machine.Outbox,
            Replies = sender.NewRecoveryBatches(),
            Submit = Submit,
            Claim = claim => new() { Group = new() { OutboxClaim = claim } },
            Published = published => new() { Group = new() { OutboxPublished = published } },
            Head = () => new RecoveryEventsHead
            {
                Group = Group,
                Epoch = Machine.StreamEpoch,
                Number = Machine.EventsHead,
            },
        });
        var verdicts = new VerdictIntake(
            command =>
            {
                Submit(command);
                return true;
            },
            Clock, NullLogger.Instance);
        _intake = new RecoveryIntake(this, World, pending, sender, verdicts);
        _executing = new PlanExecuting(this);
        var states = new StateIntake<RecoveryEntryCommand, RecoveryEffect, RecoveryMachine>(
            Group, () => throw new InvalidOperationException("No state is asked for here."),
            () => sender,
            restoration => new RecoveryEntryCommand { Group = new() { StateRestoration = restoration } },
            TimeProvider.System, NullLogger.Instance);
        return new RecoveryOutcomes(
            new(Origin, sender.NewRecoveryBatches(), pending, _outbox.Signal), verdicts, states,
            new PlanSignal());
    }

    protected override void StartServing()
    {
        _outbox.Start();
        _executing.Start();
        _intake.Start();
    }
}
