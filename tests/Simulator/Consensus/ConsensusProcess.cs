using Muster.Consensus.Core;
using Muster.Consensus.Driver;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Simulator;

/// <summary>
/// A consensus node: the real core and the driver's real decisions, in the order of the driver's loop: take
/// all that waits, read the clock, step, send what may leave early, write, and only then let anybody know.
/// </summary>
internal sealed partial class ConsensusProcess : SimulatedProcess, ILinkOwner
{
    private readonly NodeSettings _settings;
    private readonly Simulation _world;
    private readonly Chance _chance;
    private readonly List<NodeInput> _waiting = [];
    private readonly SimulatedLink _link;
    private List<(SimulatedGroup Group, RaftOutput Output)>? _writing;
    private long _startedAt;
    private bool _isHinted;
    private bool _hasReadClock;

    public ConsensusProcess(NodeSettings settings, Simulation world, ProcessClock clock)
        : base("node." + settings.Id, world.Scheduler, clock)
    {
        (_settings, _world) = (settings, world);
        _chance = world.Chance.Split(Name);
        Groups = [.. world.Plan.Groups.Select(group => new SimulatedGroup(this, group))];
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

    public IReadOnlyList<SimulatedGroup> Groups { get; }

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
            _world.Trace.Add("hint", Name, 0, queue);
            _world.Counts.Count(Happening.HintHeard);
            Take(new ConnectionNews(new ConnectionLost(queue)));
        }
    }

    public void OnMessage(BusMessage message)
    {
        if (message.Body is PeerMessage peer)
        {
            Take(new PeerArrived(_world.Mutation.OnPeer(Of(peer.Group), peer)));
        }
        else
        {
            var from = ReplyAddress.Inbox(message.ReplyTo, Requests.IdOf(message.Body));
            Take(new RequestArrived(from, GroupOf(message.Body), message.Body, MayForward: false));
        }
    }

    /// <summary>An operator wants another leader; nobody waits for the answer.</summary>
    public void HandOver(string group, NodeId to) => Take(new RequestArrived(
        new ReplyAddress(), group, new TransferLeadership { Group = group, To = to }, MayForward: false));

    /// <summary>An operator changes the members; nobody waits for the answer.</summary>
    public void Change(string group, ChangeMembers change) => Take(new RequestArrived(
        new ReplyAddress(), group, change with { Group = group }, MayForward: false));

    public SimulatedGroup Of(string group) => Groups.First(one => one.Name == group);

    /// <summary>A group's disk lost something, and has it not back.</summary>
    public bool IsDamaged => IsAway || Groups.Any(group => group.Disk.Damage is not null);

    /// <summary>It does not know for whom it voted, and does not start any more.</summary>
    public bool IsAway => Groups.Any(group => group.Disk.HasLostVote);

    /// <summary>The node is told to stop.</summary>
    public void Leave() => Take(new LeaveRequested());

    protected override void OnStart()
    {
        _startedAt = Clock.Monotonic;
        _writing = null;
        _hasReadClock = false;
        _waiting.Clear();
        foreach (var group in Groups)
        {
            var state = group.Start(_world.Mutation, _chance.Next());
            _world.Checks.RaftOf(group.Name).OnStarted(group);
            _world.Trace.Add("started", Name, group.Memory.Entries.Count, state);
        }
        _link.Start();
        Arm(Scheduler.Now);
    }

    protected override void OnCrash()
    {
        // The transaction under way is in the file or not, and nobody has been told of it.
        if (_writing is { } lost)
        {
            var isKept = _chance.OfThousand(500);
            _world.Counts.Count(isKept ? Happening.UnsyncedWriteKept : Happening.UnsyncedWriteLost);
            if (isKept) Store(lost);
        }
        _writing = null;
        _waiting.Clear();
    }

    protected override void Turn()
    {
        if (_writing is not null || _hasReadClock)
        {
            return;
        }
        if (_world.Mutation.ReadsClockFirst) TakeLater(LocalMilliseconds, Life);
        else TakeAndStep(clock: null);
    }

    private void TakeAndStep(long? clock)
    {
        foreach (var input in _waiting)
        {
            Accept(input);
        }
        _waiting.Clear();
        Step(clock ?? LocalMilliseconds);
        _isHinted = false;
        ArmNext();
    }

    private void Step(long now)
    {
        List<(SimulatedGroup Group, RaftOutput Output)> steps =
            [.. Groups.Where(group => group.Runner.IsDue(now)).Select(group => (group, Step(group, now)))];
        if (!steps.Exists(step => step.Output.HasWrites))
        {
            Emit(steps);
            return;
        }
        _writing = steps;
        foreach (var (group, output) in steps)
        {
            _world.Mutation.OnWriteBegun(group, output, () => Send(output.Messages));
        }
        Later(_chance.Between(50, _settings.LongestWrite), Written);
    }

    private RaftOutput Step(SimulatedGroup group, long now)
    {
        var (term, role, commit) = (group.Core.Term, group.Core.Role, group.Core.CommitIndex);
        var due = group.Core.NextDeadline;
        var output = _world.Mutation.OnStep(group, group.Runner.Step(now));
        group.Memory.Write(output);
        Count(output, commit);
        if (_isHinted && role == RaftRole.Follower && group.Core.NextDeadline < due)
        {
            _world.Counts.Count(Happening.HintObeyed);
        }
        if (group.Core.Term != term || group.Core.Role != role)
        {
            _world.Trace.Add(group.Core.Role.ToString(), Name, group.Core.Term.Value, output.HardState);
        }
        _world.Checks.RaftOf(group.Name).OnStep(group, output);
        Send(output.Early);
        return output;
    }

    private void Count(RaftOutput output, LogIndex before)
    {
        if (output.Snapshot is { } snapshot)
        {
            _world.Counts.Count(
                snapshot.Index > before ? Happening.SnapshotInstalled : Happening.LogCompacted);
        }
        if (output.IsRepaired) _world.Counts.Count(Happening.DamageRepaired);
        _world.Counts.Count(
            Happening.Transfer, output.Messages.Concat(output.Early).Count(one => one is TimeoutNow));
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
            _world.Counts.Count(Happening.DiskFull);
            _writing = null;
            Crash();
            return;
        }
        _writing = null;
        Store(done);
        _world.Trace.Add("written", Name, Groups.Sum(group => group.Disk.Entries.Count));
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

    private void Store(List<(SimulatedGroup Group, RaftOutput Output)> steps)
    {
        foreach (var (group, output) in steps)
        {
            group.Disk.Write(_world.Mutation.OnWrite(group, output));
        }
    }

    private void Emit(List<(SimulatedGroup Group, RaftOutput Output)> steps)
    {
        foreach (var (group, output) in steps)
        {
            Emit(group, output);
        }
    }

    private void Emit(SimulatedGroup group, RaftOutput output)
    {
        Send(output.Messages);
        var exchange = NodeSettings.CommittedOf(group.Name);
        if (group.IsLeader)
        {
            var published = _world.Mutation.OnPublish(group, output);
            foreach (var committed in CommitPublishing.Of(group.Runner, published))
            {
                _link.Publish(exchange, committed);
            }
        }
        if (output.Elected is { } elected)
        {
            _link.Publish(exchange, elected with { LogId = NodeSettings.LogId });
        }
        foreach (var reply in output.Replies)
        {
            Reply(group, reply.To, reply.Message);
        }
        if (output.Append is [.., var last])
        {
            group.Runner.Add(new EntriesPersisted(last.Index, last.Term));
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
                ForgetFor(message);
                Of(message.Group).Runner.Add(new PeerReceived(message));
                break;
            case ConnectionNews { Input: ConnectionLost lost }:
                _isHinted = true;
                ToAll(group => _world.Mutation.OnHint(group, lost));
                break;
            case ConnectionNews { Input: var news }:
                ToAll(_ => news);
                break;
            case LeaveRequested:
                ToAll(_ => new LeaveReceived());
                break;
            case RequestArrived request:
                Accept(Of(request.Group), request);
                break;
        }
    }

    private void ToAll(Func<SimulatedGroup, RaftInput> input)
    {
        foreach (var group in Groups)
        {
            group.Runner.Add(input(group));
        }
    }

    private void Accept(SimulatedGroup group, RequestArrived arrived)
    {
        var id = Requests.IdOf(arrived.Request);
        if (WireCheck.Problem(arrived.Request, NodeSettings.LogId) is { } otherLog)
        {
            Reply(group, arrived.From, group.Runner.Refusal(id, otherLog.Reason, otherLog.Message));
        }
        else if (LocalAnswers.To(arrived.Request, group.Runner, "sim", LocalMilliseconds) is { } answer)
        {
            Reply(group, arrived.From, answer);
        }
        else if (Requests.Problem(arrived.Request) is { } problem)
        {
            Reply(group, arrived.From, group.Runner.Refusal(id, ConsensusRefusal.Invalid, problem));
        }
        else if (_world.Mutation.OnRequest(group, arrived.Request) is { } early)
        {
            Reply(group, arrived.From, early);
        }
        else
        {
            var offered = arrived with { Request = _world.Mutation.OnOffered(arrived.Request) };
            group.Runner.Add(offered.Request is ChangeMembers change
                ? new ChangeReceived(offered.From, change, _world.Disks, _world.Disks)
                : Requests.ToInput(offered));
        }
    }

    private void Reply(SimulatedGroup group, ReplyAddress to, object message)
    {
        if (to.Address.Length == 0)
        {
            return;
        }
        if (message is ReadIndexFound found)
        {
            _world.Checks.RaftOf(group.Name).OnReadIndex(group, to.Address + found.RequestId, found);
        }
        var stamped = WireCheck.Stamp(message, NodeSettings.LogId);
        _link.Send(to.Address[ReplyAddress.InboxScheme.Length..], stamped);
    }

    private static string GroupOf(object request) => request switch
    {
        ProposeEntries one => one.Group,
        ReadIndex one => one.Group,
        ReadEntries one => one.Group,
        ReadSnapshot one => one.Group,
        StoreSnapshot one => one.Group,
        DescribeGroup one => one.Group,
        _ => throw new InvalidOperationException($"{request.GetType().Name} is of no group."),
    };

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
        var due = Groups.Min(group => group.Core.NextDeadline);
        if (_waiting.Count > 0 || Groups.Any(group => group.Runner.HasInputs) || due <= LocalMilliseconds)
        {
            Arm(Scheduler.Now + 10);
        }
        else if (due != long.MaxValue)
        {
            Arm(Clock.WhenMonotonic(_startedAt + (due * Scheduler.Millisecond)));
        }
    }
}
