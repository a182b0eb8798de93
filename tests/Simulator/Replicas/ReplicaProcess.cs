using Microsoft.Extensions.Logging.Abstractions;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Lock.Machine;
using Muster.Lock.Outcomes;
using Muster.Replication.Core;
using Muster.Serving;

namespace Muster.Simulator;

/// <summary>
/// A lock replica: the real replica core and machine, the service's real answers and bookkeeping, and its
/// loop's order of duty: effects, what failed, reads, sends.
/// </summary>
internal sealed class ReplicaProcess : SimulatedProcess, ILinkOwner
{
    private const long LongestTurn = 80;

    private readonly Simulation _world;
    private readonly ReplicaOptions _options;
    private readonly Chance _chance;
    private readonly List<ReplicaInput> _waiting = [];
    private readonly List<LockEntryCommand> _commands = [];
    private readonly SortedDictionary<long, Action<LockMachine?>> _reads = [];
    private ReplicaCore<LockEntryCommand, LockEffect> _core = null!;
    private ReplicaSink _sink = null!;
    private ReplicaIntake _intake = null!;
    private SimulatedLink _link = null!;
    private long _lastRead;
    private long _startedAt;

    public ReplicaProcess(string name, ReplicaOptions options, Simulation world, ProcessClock clock)
        : base(name, world.Scheduler, clock)
    {
        (_options, _world) = (options, world);
        _chance = world.Chance.Split(name);
    }

    public string Origin => $"{Name}.{Life}";

    public override SimulatedLink? Link => _link;

    public OutboxPublishing Outbox { get; private set; } = null!;

    /// <summary>The machine as it is, behind what watches it.</summary>
    public WatchedMachine Machine => (WatchedMachine)_core.Machine;

    public bool IsCaughtUp { get; private set; }

    public bool IsServing { get; private set; }

    public LogIndex Applied => _core.View.AppliedIndex;

    public ReplicaView View => _core.View;

    public long LocalMilliseconds => (Clock.Monotonic - _startedAt) / Scheduler.Millisecond;

    public void OnLinkUp() => Take(new Reconnected());

    public void OnLinkDown()
    {
    }

    public void OnQueueDeleted(string queue)
    {
    }

    public void OnMessage(BusMessage message)
    {
        ReplicaInput? input = message.Body switch
        {
            EntriesCommitted committed => new EntriesCommittedReceived(committed),
            LeaderElected elected => new LeaderElectedReceived(elected),
            EntriesRead read => new EntriesReadReceived(read),
            SnapshotRead read => new SnapshotReadReceived(read),
            ConsensusRefused refused => new RefusedReceived(refused),
            ReadIndexFound found => new ReadIndexFoundReceived(found),
            GroupDescription description => new GroupDescribed(description),
            _ => null,
        };
        if (input is not null)
        {
            Take(input);
        }
    }

    public void Submit(LockEntryCommand command)
    {
        _commands.Add(command);
        Arm(Scheduler.Now + _chance.Between(5, LongestTurn));
    }

    /// <summary>A linearizable read; null when nobody could tell in time.</summary>
    public void Read(Action<LockMachine?> query)
    {
        _reads.Add(++_lastRead, query);
        Take(new ReadRequested(_lastRead));
    }

    protected override void OnStart()
    {
        _startedAt = Clock.Monotonic;
        _waiting.Clear();
        _commands.Clear();
        _reads.Clear();
        (IsCaughtUp, IsServing) = (false, false);
        var origin = Origin;
        _core = new(
            _options with { Origin = origin },
            () => new WatchedMachine(this, _world),
            commands => LockEntryCodec.Write(new LockEntry { Commands = commands }));
        var pending = new PendingAnswers();
        _link = new SimulatedLink(_world.Broker, this, new LinkSettings
        {
            Address = $"replica.{origin}",
            Subscriptions = [NodeSettings.Committed],
        }, this);
        var sender = new LinkReplies(this);
        Outbox = new OutboxPublishing(this, _world, sender);
        _sink = new ReplicaSink(origin, sender, pending, Outbox.Signal);
        _intake = new ReplicaIntake(this, _world, pending, sender);
        _link.Start();
        Later(_chance.Between(1, 50) * Scheduler.Millisecond, Found);
        Arm(Scheduler.Now);
    }

    protected override void OnCrash() => _reads.Clear();

    protected override void Turn()
    {
        List<ReplicaInput> inputs = [.. _waiting];
        _waiting.Clear();
        if (_commands.Count > 0)
        {
            inputs.Add(new CommandsSubmitted<LockEntryCommand>([.. _commands]));
            _commands.Clear();
        }
        var output = _core.Step(LocalMilliseconds, inputs);
        IsCaughtUp = output.IsCaughtUp;
        if ((output.Fault ?? _core.View.Halt) is { Length: > 0 } problem)
        {
            throw new SimulationFailure("state machine safety", $"{Origin} cannot go on: {problem}");
        }
        HandOut(output);
        if (_core.NextDeadline != long.MaxValue)
        {
            Arm(Clock.WhenMonotonic(_startedAt + (_core.NextDeadline * Scheduler.Millisecond)));
        }
    }

    private void HandOut(ReplicaOutput<LockEntryCommand, LockEffect> output)
    {
        foreach (var applied in output.Applied)
        {
            _sink.Outcomes.Applied(applied.Index, applied.Own, applied.Effects);
        }
        foreach (var command in output.Unknown)
        {
            _sink.Outcomes.Unknown(command);
        }
        foreach (var command in output.Overloaded)
        {
            _sink.Outcomes.Refused(command);
        }
        foreach (var command in output.TooLarge)
        {
            _sink.Outcomes.TooLarge(command);
        }
        foreach (var id in output.ReadsReady)
        {
            TakeRead(id)(Machine.Inner);
        }
        foreach (var id in output.ReadsUnknown)
        {
            TakeRead(id)(null);
        }
        foreach (var send in output.Sends)
        {
            Send(send);
        }
    }

    private Action<LockMachine?> TakeRead(long id)
    {
        _reads.Remove(id, out var query);
        return query ?? throw new InvalidOperationException($"{Origin}: no read {id} is open.");
    }

    private void Send(ReplicaSend send)
    {
        if (send.Message is ReadIndex)
        {
            var inbox = ReplyAddress.Inbox(_link.Settings.Address).Address;
            _world.Checks.Raft.OnReadAsked(inbox + send.RequestId);
        }
        _world.Trace.Add("asks", Name, _core.View.AppliedIndex.Value, send);
        if (send.ToAll) _link.Publish(NodeSettings.AllNodes, send.Message, _link.Settings.Address);
        else _link.Send(NodeSettings.AddressOf(send.To), send.Message, _link.Settings.Address);
    }

    private void Take(ReplicaInput input)
    {
        _waiting.Add(input);
        Arm(Scheduler.Now + _chance.Between(5, LongestTurn));
    }

    /// <summary>Founds the group if nobody has, and takes commands once it is founded.</summary>
    private void Found()
    {
        if (Machine.IsInitialized)
        {
            if (!IsServing)
            {
                IsServing = true;
                _link.Consume(_intake.Queues);
                Outbox.Start();
            }
            return;
        }
        if (IsCaughtUp)
        {
            Submit(new LockEntryCommand { Genesis = _world.NewGenesis(Clock) });
        }
        Later((IsCaughtUp ? 250 : 100) * Scheduler.Millisecond, Found);
    }
}

/// <summary>The service's real sink over a simulated link.</summary>
internal sealed class ReplicaSink
{
    public ReplicaSink(string origin, LinkReplies sender, PendingAnswers pending, Action deliveriesChanged)
    {
        var states = new StateIntake<LockEntryCommand, LockEffect, LockMachine>(
            NodeSettings.Group, () => throw new InvalidOperationException("No state is asked for here."),
            () => sender, restoration => new LockEntryCommand { StateRestoration = restoration },
            TimeProvider.System, NullLogger.Instance);
        Outcomes = new LockOutcomes(
            new(origin, sender.NewBatches(), pending, deliveriesChanged), states, NodeSettings.Group);
    }

    public LockOutcomes Outcomes { get; }
}
