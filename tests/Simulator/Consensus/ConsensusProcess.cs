using Microsoft.Extensions.Logging.Abstractions;
using Muster.Consensus.Core;
using Muster.Consensus.Driver;
using Muster.Consensus.Reporting;
using Muster.Consensus.Storage;
using Muster.Consensus.Transport;
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
    private readonly MemberSetup _setup;
    private readonly List<GroupRunner> _runners = [];
    private DiskRoll _roll = null!;
    private List<(SimulatedGroup Group, RaftOutput Output)>? _writing;
    private long _startedAt;
    private bool _isHinted;
    private bool _hasReadClock;
    private bool _isConnected;
    private bool _tookPart;

    /// <param name="twin">What is added to the name of a second process of one node.</param>
    public ConsensusProcess(
        NodeSettings settings, Simulation world, ProcessClock clock, SimulatedFolder folder, string twin = "")
        : base("node." + settings.Id + twin, world.Scheduler, clock)
    {
        (_settings, _world, Folder) = (settings, world, folder);
        _chance = world.Chance.Split(Name);
        Groups = [.. world.Plan.Groups.Select(group => new SimulatedGroup(this, group))];
        _link = new SimulatedLink(world.Broker, this, new LinkSettings
        {
            Address = NodeSettings.AddressOf(settings.Id),
            Subscriptions = [NodeSettings.AllNodes],
            InboxTtl = settings.Raft.ElectionMaxMilliseconds * Scheduler.Millisecond,
            WantsHints = true,
        }, this);
        _setup = new MemberSetup
        {
            Identity = new DiskIdentity
            {
                ClusterId = NodeSettings.ClusterId,
                Node = Id,
                Members = settings.Peers,
                Groups = world.Plan.Groups,
                Joins = folder.HasJoined,
            },
            Raft = settings.Raft,
            Logger = NullLogger.Instance,
            Drops = new DropLog(TimeProvider.System, static (_, _) => { }),
        };
    }

    public SimulatedFolder Folder { get; private set; }

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

    /// <summary>An operator wants another leader; nobody waits for the answer.</summary>
    public void HandOver(string group, NodeId to) => Take(new RequestArrived(
        new ReplyAddress(), group, new TransferLeadership { Group = group, To = to }, MayForward: false));

    /// <summary>An operator changes the members; nobody waits for the answer.</summary>
    public void Change(string group, ChangeMembers change) => Take(new RequestArrived(
        new ReplyAddress(), group, change with { Group = group }, MayForward: false));

    public SimulatedGroup Of(string group) => Groups.First(one => one.Name == group);

    /// <summary>Another member does not count its disk.</summary>
    public bool IsRefused => IsUp && _roll.RefusedBecause is not null;

    /// <summary>It knows the disks of all founders, or was added.</summary>
    public bool HasLog => Folder.LogId.Length > 0;

    /// <summary>Its folder is empty when it starts next.</summary>
    public void Empty(SimulatedFolder folder)
    {
        Folder = _world.Mutation.KnowsNodesByName ? Folder : folder;
        foreach (var group in Groups)
        {
            group.Disk = new SimulatedDisk();
        }
    }

    /// <summary>Its disks are those of another process now.</summary>
    public void CopyDisks(ConsensusProcess of)
    {
        foreach (var group in Groups)
        {
            group.Disk = of.Of(group.Name).Disk.Copy();
        }
    }

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
        _isConnected = false;
        _tookPart = false;
        _waiting.Clear();
        _runners.Clear();
        Folder.Open();
        foreach (var group in Groups)
        {
            var state = group.Start(_world.Mutation, _chance.Next());
            _runners.Add(group.Runner);
            _world.Checks.RaftOf(group.Name).OnStarted(group);
            _world.Trace.Add("started", Name, group.Memory.Entries.Count, state);
        }
        _roll = new DiskRoll(_setup, Folder, _runners, message => Send([message]));
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
        _roll.Begin(LocalMilliseconds);
        foreach (var input in _waiting)
        {
            Accept(input);
        }
        _waiting.Clear();
        var now = clock ?? LocalMilliseconds;
        _roll.Announce(now);
        if (_roll.TakesPart) Step(now);
        _isHinted = false;
        ArmNext();
    }

    private void Step(long now)
    {
        if (!_tookPart)
        {
            _tookPart = true;
            ToAll(_ => new OwnConnectionChanged(_isConnected));
        }
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
        _world.Counts.Count(Happening.SnapshotPart,
            output.Messages.Concat(output.Early).Count(one => one is InstallSnapshot { Offset: > 0 }));
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
            foreach (var committed in CommitPublishing.Of(group.Runner, published, Folder.LogId))
            {
                _link.Publish(exchange, committed);
            }
        }
        if (output.Elected is { } elected)
        {
            _link.Publish(exchange, elected with { LogId = Folder.LogId });
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

    private void Send(IReadOnlyList<PeerMessage> messages)
    {
        foreach (var message in messages)
        {
            var stamped = PeerOutbox.Stamp(message, NodeSettings.ClusterId, Folder);
            _link.Send(
                NodeSettings.AddressOf(message.To), stamped with { Incarnation = _link.Incarnation });
        }
    }

    private void ArmNext()
    {
        if (_writing is not null)
        {
            return;
        }
        var due = _roll.NextDeadline;
        var hasInputs = _waiting.Count > 0;
        if (_roll.TakesPart)
        {
            due = Math.Min(due, Groups.Min(group => group.Core.NextDeadline));
            hasInputs |= Groups.Any(group => group.Runner.HasInputs);
        }
        if (hasInputs || due <= LocalMilliseconds)
        {
            Arm(Scheduler.Now + 10);
        }
        else if (due != long.MaxValue)
        {
            Arm(Clock.WhenMonotonic(_startedAt + (due * Scheduler.Millisecond)));
        }
    }
}
