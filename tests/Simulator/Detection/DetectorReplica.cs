using Microsoft.Extensions.Logging.Abstractions;
using Muster.Bus;
using Muster.Contracts.Detector;
using Muster.Detector;
using Muster.Detector.Judging;
using Muster.Detector.Machine;
using Muster.Detector.Outcomes;
using Muster.Replication;
using Muster.Replication.Core;
using Muster.Serving;

namespace Muster.Simulator;

/// <summary>
/// One detector: the real judge and its votes over what it hears, in the order of the real one's loop, and a
/// replica of the machine that counts them.
/// </summary>
internal sealed class DetectorReplica(
    string name, ReplicaOptions options, Simulation world, ProcessClock clock)
    : ReplicaProcess<DetectorEntryCommand, DetectorEffect, DetectorMachine>(name, options, world, clock)
{
    public const string Heartbeats = "heartbeats";
    public const string Events = "detector.events";

    private const long Interval = 400 * Scheduler.Millisecond;
    private const int TicksABeat = 4;

    private OutboxPublishing<DetectorEntryCommand, DetectorEvent, DetectorUnknown> _outbox = null!;
    private JudgeRoom _room = null!;
    private long _number;
    private long _beatAt;

    /// <summary>All that a run has, by name.</summary>
    public static IReadOnlyList<string> Instances { get; } = ["d1", "d2", "d3"];

    protected override IReadOnlyList<WorkSettings> Queues => [];

    protected override IReadOnlyList<string> Subscriptions => [Heartbeats];

    protected override bool WantsHints => true;

    public override void OnLinkUp()
    {
        base.OnLinkUp();
        _room.Link(isUp: true);
    }

    public override void OnLinkDown() => _room.Link(isUp: false);

    public override void OnQueueDeleted(string queue) => _room.QueueDeleted(queue);

    protected override void OnOther(object body)
    {
        if (body is Heartbeat beat)
        {
            _room.Receive(new LinkMessage
            {
                Type = BusJson.TypeName(typeof(Heartbeat)),
                Body = BusJson.Write(beat),
            });
        }
    }

    protected override WatchedMachine<DetectorMachine, DetectorEffect> NewMachine()
    {
        var inner = new DetectorMachine();
        return new(inner)
        {
            Applies = World.Guarded(entry => World.Mutation.OnDetectorEntry(inner, entry)),
            OnApplied = (entry, effects) => World.Check(
                () => World.Checks.DetectorReplicas.OnApplied(this, entry, effects, inner.Digest)),
            OnRestored = () => World.Check(
                () => World.Checks.DetectorReplicas.OnRestored(this, inner.LastIndex, inner.Digest)),
        };
    }

    protected override byte[] Encode(IReadOnlyList<DetectorEntryCommand> commands) =>
        DetectorEntryCodec.Write(new DetectorEntry { Commands = commands });

    protected override DetectorEntryCommand Founding() => new()
    {
        Genesis = new()
        {
            Group = Group,
            ClusterId = "sim",
            Epoch = Clock.GetUtcNow().ToUnixTimeMilliseconds(),
            Detectors = Instances,
        },
    };

    protected override IEffectSink<DetectorEntryCommand, DetectorEffect> NewSink(LinkReplies sender)
    {
        (_number, _beatAt) = (0, long.MinValue / 2);
        _room = new JudgeRoom(
            new DetectorOptions
            {
                Instance = Name,
                Instances = [.. Instances],
                FailAfter = TimeSpan.FromSeconds(2),
                AcceptablePause = TimeSpan.FromSeconds(1),
                HeartbeatInterval = TimeSpan.FromMicroseconds(Interval),
            },
            Origin, Clock, NullLogger.Instance);
        var ages = new VerdictAges(Clock);
        _outbox = new(this, Origin, new()
        {
            Exchange = Events,
            Leaves = one => one.NodeFailed is not { } failed
                ? one
                : one with { NodeFailed = failed with { AgeMilliseconds = ages.Of(failed.Event) } },
            Outbox = () => Machine.Outbox,
            Replies = sender.NewDetectorBatches(),
            Submit = Submit,
            Claim = claim => new() { OutboxClaim = claim },
            Published = published => new() { OutboxPublished = published },
        });
        var states = new StateIntake<DetectorEntryCommand, DetectorEffect, DetectorMachine>(
            Group, () => throw new InvalidOperationException("No state is asked for here."),
            () => sender, restoration => new DetectorEntryCommand { StateRestoration = restoration },
            TimeProvider.System, NullLogger.Instance);
        return new DetectorOutcomes(
            states, _outbox.Signal, ages, () => !IsCaughtUp, NullLogger.Instance);
    }

    protected override void StartServing()
    {
        _outbox.Start();
        Tick();
    }

    private void Tick()
    {
        if (Clock.Monotonic - _beatAt >= Interval)
        {
            Beat();
        }
        _room.Tick();
        Vote();
        Later(Interval / TicksABeat, Tick);
    }

    /// <summary>The loop-back by which it hears itself, and its life for the others.</summary>
    private void Beat()
    {
        var now = Clock.Monotonic;
        var lag = _number == 0 ? 0 : now - _beatAt - Interval;
        _beatAt = now;
        Link!.Publish(Heartbeats, new Heartbeat
        {
            Node = Name,
            Incarnation = Origin,
            Number = ++_number,
            IntervalMilliseconds = Interval / Scheduler.Millisecond,
            LagMilliseconds = Math.Max(0, lag / Scheduler.Millisecond),
            Connection = Link.Incarnation,
        });
    }

    private void Vote()
    {
        if (!IsCaughtUp || !_room.IsHearing)
        {
            return;
        }
        foreach (var vote in _room.DueVotes(Machine.ReadVerdicts()))
        {
            World.Trace.Add("votes", Name, vote.Node.Length, $"{vote.Node} {vote.Incarnation} {vote.Status}");
            Submit(new DetectorEntryCommand { Vote = vote });
        }
    }
}
