using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Replication;
using Muster.Replication.Core;

namespace Muster.Simulator;

/// <summary>
/// A service's replica: the real replica core and machine, the service's real answers and bookkeeping, and
/// its loop's order of duty: effects, what failed, reads, sends.
/// </summary>
internal abstract class ReplicaProcess<TCommand, TEffect, TMachine> : SimulatedProcess, ILinkOwner, IReplica
    where TCommand : class
    where TMachine : class, IStateMachine<TEffect>
{
    private const long LongestTurn = 80;

    private readonly ReplicaOptions _options;
    private readonly Chance _chance;
    private readonly List<ReplicaInput> _waiting = [];
    private readonly List<TCommand> _commands = [];
    private readonly SortedDictionary<long, Action<TMachine?>> _reads = [];
    private ReplicaCore<TCommand, TEffect> _core = null!;
    private IEffectSink<TCommand, TEffect> _sink = null!;
    private SimulatedLink _link = null!;
    private long _lastRead;
    private long _startedAt;

    protected ReplicaProcess(string name, ReplicaOptions options, Simulation world, ProcessClock clock)
        : base(name, world.Scheduler, clock)
    {
        (_options, World) = (options, world);
        _chance = world.Chance.Split(name);
    }

    public string Origin => $"{Name}.{Life}";

    public override SimulatedLink? Link => _link;

    public Simulation World { get; }

    public string Group => _options.Group;

    public TMachine Machine => ((WatchedMachine<TMachine, TEffect>)_core.Machine).Inner;

    public ulong Digest => _core.Machine.Digest();

    public bool IsCaughtUp { get; private set; }

    public bool IsServing { get; private set; }

    public LogIndex Applied => _core.View.AppliedIndex;

    public ReplicaView View => _core.View;

    public long LocalMilliseconds => (Clock.Monotonic - _startedAt) / Scheduler.Millisecond;

    public virtual void OnLinkUp() => Take(new Reconnected());

    public virtual void OnLinkDown()
    {
    }

    public virtual void OnQueueDeleted(string queue)
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
        else
        {
            OnOther(message.Body);
        }
    }

    public void Submit(TCommand command)
    {
        _commands.Add(command);
        Arm(Scheduler.Now + _chance.Between(5, LongestTurn));
    }

    /// <summary>A linearizable read; null when nobody could tell in time.</summary>
    public void Read(Action<TMachine?> query)
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
            NewMachine,
            Encode);
        _link = new SimulatedLink(World.Broker, this, new LinkSettings
        {
            Address = $"replica.{origin}",
            Subscriptions = [NodeSettings.CommittedOf(Group), .. Subscriptions],
            WantsHints = WantsHints,
        }, this);
        _sink = NewSink(new LinkReplies(this));
        _link.Start();
        Later(_chance.Between(1, 50) * Scheduler.Millisecond, Found);
        Arm(Scheduler.Now);
    }

    protected override void OnCrash() => _reads.Clear();

    /// <summary>The queues that it takes work from, once its group is founded.</summary>
    protected abstract IReadOnlyList<WorkSettings> Queues { get; }

    /// <summary>What it hears beside its group's log.</summary>
    protected virtual IReadOnlyList<string> Subscriptions => [];

    protected virtual bool WantsHints => false;

    protected abstract WatchedMachine<TMachine, TEffect> NewMachine();

    protected abstract byte[] Encode(IReadOnlyList<TCommand> commands);

    protected abstract TCommand Founding();

    /// <summary>What each life has anew: its answers, its outbox, its intake.</summary>
    protected abstract IEffectSink<TCommand, TEffect> NewSink(LinkReplies sender);

    protected abstract void StartServing();

    /// <summary>A message that is not about the group's log.</summary>
    protected virtual void OnOther(object body)
    {
    }

    protected override void Turn()
    {
        List<ReplicaInput> inputs = [.. _waiting];
        _waiting.Clear();
        if (_commands.Count > 0)
        {
            inputs.Add(new CommandsSubmitted<TCommand>([.. _commands]));
            _commands.Clear();
        }
        var output = _core.Step(LocalMilliseconds, inputs);
        IsCaughtUp = output.IsCaughtUp;
        if ((output.Fault ?? _core.View.Halt) is { Length: > 0 } problem)
        {
            throw new SimulationFailure("replica stopped", $"{Origin} cannot go on: {problem}");
        }
        HandOut(output);
        if (_core.NextDeadline != long.MaxValue)
        {
            Arm(Clock.WhenMonotonic(_startedAt + (_core.NextDeadline * Scheduler.Millisecond)));
        }
    }

    private void HandOut(ReplicaOutput<TCommand, TEffect> output)
    {
        foreach (var applied in output.Applied)
        {
            _sink.Applied(applied.Index, applied.Own, applied.Effects);
        }
        foreach (var command in output.Unknown)
        {
            _sink.Unknown(command);
        }
        foreach (var command in output.Overloaded)
        {
            _sink.Refused(command);
        }
        foreach (var command in output.TooLarge)
        {
            _sink.TooLarge(command);
        }
        foreach (var id in output.ReadsReady)
        {
            TakeRead(id)(Machine);
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

    private Action<TMachine?> TakeRead(long id)
    {
        _reads.Remove(id, out var query);
        return query ?? throw new InvalidOperationException($"{Origin}: no read {id} is open.");
    }

    private void Send(ReplicaSend send)
    {
        if (send.Message is ReadIndex)
        {
            var inbox = ReplyAddress.Inbox(_link.Settings.Address).Address;
            World.Checks.RaftOf(Group).OnReadAsked(inbox + send.RequestId);
        }
        World.Trace.Add("asks", Name, _core.View.AppliedIndex.Value, send);
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
        if (_core.Machine.IsInitialized)
        {
            if (!IsServing)
            {
                IsServing = true;
                _link.Consume(Queues);
                StartServing();
            }
            return;
        }
        if (IsCaughtUp)
        {
            Submit(Founding());
        }
        Later((IsCaughtUp ? 250 : 100) * Scheduler.Millisecond, Found);
    }
}
