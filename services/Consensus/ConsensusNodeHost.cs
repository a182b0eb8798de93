using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Consensus.Driver;
using Muster.Consensus.Reporting;
using Muster.Consensus.Storage;
using Muster.Consensus.Transport;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Hosting;

namespace Muster.Consensus;

/// <summary>
/// One consensus node: its folder (held from construction on), its link and its loop. A process may have
/// several, each with a name and folder of its own.
/// </summary>
public sealed class ConsensusNodeHost : IHostedService, IAsyncDisposable, IHealthSource, IStatusSource,
    IMetricSource
{
    private const int MaxWaitingInputs = 20_000;
    private const long MaxWaitingBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private readonly NodeSetup _setup;
    private readonly InputQueue _queue = new(MaxWaitingInputs, MaxWaitingBytes);
    private readonly ConsensusStore _store;
    private readonly NodeView _view;
    private readonly NodeOutbox _outbox;
    private readonly Task<ConsensusNode> _restoring;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lifetime = new();
    private readonly IReadOnlyList<string> _ownedGroups;
    private ConsensusNode? _node;
    private Task _connecting = Task.CompletedTask;
    private Task? _disposal;

    /// <exception cref="StartRefusedException">The folder is empty, in use, or not this node's.</exception>
    public ConsensusNodeHost(ConsensusOptions options, ConsensusSurroundings surroundings)
    {
        var logger = surroundings.Loggers.CreateLogger<ConsensusNodeHost>();
        var node = new NodeId(options.Node);
        _setup = new NodeSetup
        {
            Identity = new DiskIdentity
            {
                ClusterId = options.ClusterId,
                Node = node,
                Members = options.MemberIds,
                Groups = options.EffectiveGroups,
                Joins = options.Join,
            },
            Raft = options.Raft.ToCore(),
            Time = surroundings.Time,
            Logger = logger,
            OnFatal = surroundings.OnFatal,
            ScrubInterval = options.ScrubInterval,
            Drops = new DropLog(surroundings.Time, (why, count) => logger.Dropped(node, why, count)),
            Start = new StartWatch(node, surroundings.Time, logger),
        };
        Rehearsal.Begin();
        _ownedGroups = [.. options.EffectiveGroups.Except(options.OpenGroups, StringComparer.Ordinal)];
        _store = ConsensusStore.Open(
            options.DataFolder, _setup.Identity, options.Bootstrap, surroundings.Time);
        _setup.Start.Opened();
        _view = new NodeView(_setup, _store);
        NodeOutbox? outbox = null;
        Link = new NodeLink(_setup, _queue, _view, surroundings.Links, () => outbox!).Link;
        outbox =
            new NodeOutbox(Link, surroundings.Links.Names, _setup, _store, surroundings.SendEnvelope);
        _outbox = outbox;
        // A full log takes a second to read and check; meanwhile the rest is made, and the link connects. Not
        // on the thread pool, which is short of threads at a start.
        _restoring = Task.Factory.StartNew(
            Restore, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public NodeId Node => _setup.Node;

    /// <summary>The node's lane on the bus; owned by this host.</summary>
    public IBusLink Link { get; }

    public NodeStatus Status => _view.Status;

    string IHealthSource.Name => "consensus " + Node;

    bool IHealthSource.IsReady => Status.IsReady;

    string IHealthSource.Detail => Status switch
    {
        { Participation: not Participation.TakesPart } status => $"{status.Participation}: {status.Detail}",
        { HasStalled: true } status => status.Detail,
        { IsConnected: false } => "not connected to the bus",
        { Groups: var groups } when groups.Any(group => group.IsRepairing) => "its disk lost entries of "
            + string.Join(", ", groups.Where(one => one.IsRepairing).Select(one => one.Group))
            + ", which it gets back from its peers; until then it does not vote",
        { IsReady: false } status => "no leader is known of "
            + string.Join(", ", status.Groups.Where(one => one.Leader.IsNone).Select(one => one.Group))
            + WithoutVoters(status.Groups),
        { Groups: var groups, LostEntries: var lost } =>
            string.Join(", ", groups.Select(group => $"{group.Leader} leads {group.Group}").Concat(lost)),
    };

    string IStatusSource.Name => "consensus." + Node;

    object IStatusSource.Read() => Status;

    IReadOnlyList<Metric> IMetricSource.Metrics => NodeMetrics.All;

    IEnumerable<MetricReading> IMetricSource.ReadMetrics() => NodeMetrics.Of(Status);

    /// <summary>
    /// Connects in the background, and starts the loop once the logs are read: a node without a bus runs, and
    /// says that it is not ready.
    /// </summary>
    /// <exception cref="StartRefusedException">What the folder keeps is damaged.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var identity = _setup.Identity;
        _setup.Logger.Started(Node, identity.ClusterId, _store.DiskId, string.Join(", ", identity.Members),
            string.Join(", ", identity.Groups), _store.Folder);
        _connecting = ConnectAsync();
        var node = await _restoring.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_lifetime)
        {
            ObjectDisposedException.ThrowIf(_disposal is not null, this);
            _node = node;
            node.Start();
        }
    }

    /// <summary>
    /// Takes a request from an endpoint; this node answers, or hands it to the leader. Never blocks.
    /// </summary>
    public void Submit(ReplyAddress from, string group, object request, int bytes)
    {
        var arrived = new RequestArrived(from, group, request, MayForward: true);
        if (request is ProposeEntries && _ownedGroups.Contains(group))
        {
            _outbox.Reply(from, Requests.NotOpen(arrived));
            return;
        }
        // A loop that hangs would take what it never answers.
        if (!Status.HasStalled && _queue.TryPost(arrived, bytes)) return;
        _outbox.Reply(from, Requests.Overloaded(arrived));
    }

    /// <summary>
    /// Hands over what this node leads, so that nobody has to wait for an election, then disposes.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_node is { Ended.IsCompleted: false } node)
        {
            _queue.Post(new LeaveRequested());
            var limit = Task.Delay(StopLimit, _setup.Time, cancellationToken);
            await Task.WhenAny(node.Left, node.Ended, limit).ConfigureAwait(false);
        }
        await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the node without a word to the others.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lifetime)
        {
            _disposal ??= DisposeCoreAsync();
        }
        return new ValueTask(_disposal);
    }

    /// <summary>
    /// A disk that joined knows the members of a group by its log alone: for those that it is not in there
    /// are none, nor for one that all nodes have kept only since then.
    /// </summary>
    private static string WithoutVoters(IReadOnlyList<GroupDescription> groups)
    {
        var names = groups.Where(one => one.Leader.IsNone && one.Membership.Members.Count == 0)
            .Select(one => one.Group).ToList();
        return names.Count == 0 ? "" : $"; {string.Join(", ", names)} has no voters on this disk, which "
            + "joined later: ChangeMembers can add the node to a group that others lead, and a group that is "
            + "newer than the disk is founded by the disks of the bootstrap alone";
    }

    private ConsensusNode Restore()
    {
        var node = new ConsensusNode(_setup, _queue, _store, _outbox, _view);
        _setup.Start.Read(node.KeptEntries);
        return node;
    }

    private async Task ConnectAsync()
    {
        try
        {
            await Link.StartAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure)
        {
            _setup.Logger.Failed(Node, failure);
            _setup.OnFatal(failure);
        }
    }

    private async Task DisposeCoreAsync()
    {
        // Off the caller's lock before anything else.
        await Task.Yield();
        await _stopping.CancelAsync().ConfigureAwait(false);
        _queue.Close();
        // What reads the folder, or failed to, must be done before the folder is let go.
        await ((Task)_restoring).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_node is { } node) await node.Ended.WaitAsync(StopLimit, _setup.Time).ConfigureAwait(false);
        await _connecting.ConfigureAwait(false);
        await Link.DisposeAsync().ConfigureAwait(false);
        _store.Dispose();
        _queue.Dispose();
        _stopping.Dispose();
    }
}
