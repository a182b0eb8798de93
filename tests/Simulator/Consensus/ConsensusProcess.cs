using Muster.Consensus.Core;
using Muster.Consensus.Driver;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Simulator;

/// <summary>
/// A consensus node: the real core and the driver's real decisions, in the order of the driver's loop: take
/// all that waits, read the clock, step, send what may leave early, write, and only then let anybody know.
/// </summary>
internal sealed class ConsensusProcess : SimulatedProcess, ILinkOwner, IRaftNode
{
    private readonly NodeSettings _settings;
    private readonly Simulation _world;
    private readonly Chance _chance;
    private readonly List<NodeInput> _waiting = [];
    private readonly SimulatedLink _link;
    private GroupRunner _group = null!;
    private RaftOutput? _writing;
    private long _startedAt;

    public ConsensusProcess(NodeSettings settings, Simulation world, ProcessClock clock)
        : base("node." + settings.Id, world.Scheduler, clock)
    {
        (_settings, _world) = (settings, world);
        _chance = world.Chance.Split(Name);
        _link = new SimulatedLink(world.Broker, this, new LinkSettings
        {
            Address = NodeSettings.AddressOf(settings.Id),
            Subscriptions = [NodeSettings.AllNodes],
            InboxTtl = settings.Raft.ElectionMaxMilliseconds * Scheduler.Millisecond,
            WantsHints = true,
        }, this);
    }

    public NodeSettings Settings => _settings;

    public NodeId Id => _settings.Id;

    public RaftCore Core => _group.Core;

    public bool IsLeader => IsUp && _group.IsLeader;

    public SimulatedDisk Disk { get; private set; } = new();

    public SimulatedDisk Memory { get; private set; } = new();

    public bool IsWriting => _writing is not null;

    public bool IsDiskFull { get; set; }

    public override SimulatedLink Link => _link;

    public long LocalMilliseconds => (Clock.Monotonic - _startedAt) / Scheduler.Millisecond;

    public void OnLinkUp() => Take(new ConnectionNews(new OwnConnectionChanged(true)));

    public void OnLinkDown() => Take(new ConnectionNews(new OwnConnectionChanged(false)));

    public void OnQueueDeleted(string queue)
    {
        if (queue.StartsWith("consensus.", StringComparison.Ordinal)
            && !queue.StartsWith(_link.Settings.Address + ".", StringComparison.Ordinal))
        {
            var hint = _world.Mutation.OnHint(this, new ConnectionLost(queue));
            _world.Trace.Add("hint", Name, 0, queue);
            Take(new ConnectionNews(hint));
        }
    }

    public void OnMessage(BusMessage message)
    {
        if (message.Body is PeerMessage peer)
        {
            Take(new PeerArrived(_world.Mutation.OnPeer(this, peer)));
        }
        else
        {
            var from = ReplyAddress.Inbox(message.ReplyTo, Requests.IdOf(message.Body));
            Take(new RequestArrived(from, NodeSettings.Group, message.Body, MayForward: false));
        }
    }

    /// <summary>An operator wants another leader; nobody waits for the answer.</summary>
    public void HandOver(NodeId to) => Take(new RequestArrived(
        new ReplyAddress(), NodeSettings.Group,
        new TransferLeadership { Group = NodeSettings.Group, To = to }, MayForward: false));

    /// <summary>The node is told to stop.</summary>
    public void Leave() => Take(new LeaveRequested());

    protected override void OnStart()
    {
        _startedAt = Clock.Monotonic;
        _writing = null;
        _waiting.Clear();
        Memory = Disk.Copy();
        var restored = _world.Mutation.OnRestore(Disk.Restore(Id, _settings.Members, _chance.Next()));
        _group = new GroupRunner(NodeSettings.Group, new RaftCore(_settings.Raft, restored));
        _group.Add(new OwnConnectionChanged(false));
        _world.Trace.Add("started", Name, Memory.Entries.Count, restored.HardState);
        _link.Start();
        Arm(Scheduler.Now);
    }

    protected override void OnCrash()
    {
        // The transaction under way is in the file or not, and nobody has been told of it.
        if (_writing is { } lost && _chance.OfThousand(500))
        {
            Disk.Write(_world.Mutation.OnWrite(this, lost));
        }
        _writing = null;
        _waiting.Clear();
    }

    protected override void Turn()
    {
        if (_writing is not null)
        {
            return;
        }
        foreach (var input in _waiting)
        {
            Accept(input);
        }
        _waiting.Clear();
        var now = LocalMilliseconds;
        if (_group.IsDue(now))
        {
            Step(now);
        }
        ArmNext();
    }

    private void Step(long now)
    {
        var (term, role) = (Core.Term, Core.Role);
        var output = _group.Step(now);
        Memory.Write(output);
        if (Core.Term != term || Core.Role != role)
        {
            _world.Trace.Add(Core.Role.ToString(), Name, Core.Term.Value, output.HardState);
        }
        _world.Checks.Raft.OnStep(this, output);
        Send(output.Early);
        if (!SimulatedDisk.HasWrites(output))
        {
            Emit(output);
            return;
        }
        _writing = output;
        _world.Mutation.OnWriteBegun(this, output, () => Send(output.Messages));
        Later(_chance.Between(50, _settings.LongestWrite), Written);
    }

    private void Written()
    {
        if (_writing is not { } done)
        {
            return;
        }
        if (IsDiskFull)
        {
            // A failed commit ends the process; what the file holds is what it held before.
            _world.Trace.Add("disk full", Name, 0);
            _writing = null;
            Crash();
            return;
        }
        _writing = null;
        Disk.Write(_world.Mutation.OnWrite(this, done));
        _world.Trace.Add("written", Name, Disk.Entries.Count);
        var isLate = _chance.OfThousand(500);
        if (!isLate && _world.Faults.CrashesAfterWrite(this))
        {
            return;
        }
        Emit(done);
        if (!isLate || !_world.Faults.CrashesAfterWrite(this))
        {
            ArmNext();
        }
    }

    private void Emit(RaftOutput output)
    {
        Send(output.Messages);
        if (_group.IsLeader)
        {
            foreach (var committed in CommitPublishing.Of(_group, _world.Mutation.OnPublish(this, output)))
            {
                _link.Publish(NodeSettings.Committed, committed);
            }
        }
        if (output.Elected is { } elected)
        {
            _link.Publish(NodeSettings.Committed, elected with { LogId = NodeSettings.LogId });
        }
        foreach (var reply in output.Replies)
        {
            Reply(reply.To, reply.Message);
        }
        if (output.Append is [.., var last])
        {
            _group.Add(new EntriesPersisted(last.Index, last.Term));
        }
    }

    private void Take(NodeInput input)
    {
        _waiting.Add(input);
        // What comes while the loop works or writes is one step.
        Arm(Scheduler.Now + _chance.Between(5, 60));
    }

    private void Accept(NodeInput input)
    {
        switch (input)
        {
            case PeerArrived { Message: var message }:
                _world.Trace.Add("took", Name, message.RequestId, message);
                _group.Add(new PeerReceived(message));
                break;
            case ConnectionNews { Input: var news }:
                _group.Add(news);
                break;
            case LeaveRequested:
                _group.Add(new LeaveReceived());
                break;
            case RequestArrived request:
                Accept(request);
                break;
        }
    }

    private void Accept(RequestArrived arrived)
    {
        var id = Requests.IdOf(arrived.Request);
        if (LogCheck.Problem(arrived.Request, NodeSettings.LogId) is { } otherLog)
        {
            Reply(arrived.From, _group.Refusal(id, otherLog.Reason, otherLog.Message));
        }
        else if (LocalAnswers.To(arrived.Request, _group, "sim", LocalMilliseconds) is { } answer)
        {
            Reply(arrived.From, answer);
        }
        else if (Requests.Problem(arrived.Request) is { } problem)
        {
            Reply(arrived.From, _group.Refusal(id, ConsensusRefusal.Invalid, problem));
        }
        else if (_world.Mutation.OnRequest(this, arrived.Request) is { } early)
        {
            Reply(arrived.From, early);
        }
        else
        {
            var offered = arrived with { Request = _world.Mutation.OnOffered(arrived.Request) };
            _group.Add(Requests.ToInput(offered));
        }
    }

    private void Reply(ReplyAddress to, object message)
    {
        if (to.Address.Length == 0)
        {
            return;
        }
        if (message is ReadIndexFound found)
        {
            _world.Checks.Raft.OnReadIndex(this, to.Address + found.RequestId, found);
        }
        var stamped = LogCheck.Stamp(message, NodeSettings.LogId);
        _link.Send(to.Address[ReplyAddress.InboxScheme.Length..], stamped);
    }

    private void Send(IReadOnlyList<PeerMessage> messages)
    {
        foreach (var message in messages)
        {
            _link.Send(
                NodeSettings.AddressOf(message.To), message with { Incarnation = _link.Incarnation });
        }
    }

    private void ArmNext()
    {
        if (_writing is not null)
        {
            return;
        }
        if (_group.HasInputs || _waiting.Count > 0 || Core.NextDeadline <= LocalMilliseconds)
        {
            Arm(Scheduler.Now + 10);
        }
        else if (Core.NextDeadline != long.MaxValue)
        {
            Arm(Clock.WhenMonotonic(_startedAt + (Core.NextDeadline * Scheduler.Millisecond)));
        }
    }
}
