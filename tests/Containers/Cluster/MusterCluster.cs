using Microsoft.Extensions.Logging.Abstractions;
using Muster.Broker;
using Muster.Bus;
using Muster.Client;

namespace Muster.Containers.Tests.Cluster;

/// <summary>
/// Three consensus nodes and two lock replicas as processes of their own, under a cluster name of their own
/// on the broker.
/// </summary>
internal sealed class MusterCluster : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan OrdinaryTtl = TimeSpan.FromSeconds(15);
    private static readonly string[] NodeNames = ["n1", "n2", "n3"];

    private readonly ClusterOptions _options;

    private MusterCluster(IBroker broker, string name, ClusterOptions options)
    {
        Broker = broker;
        Name = name;
        _options = options;
        Folder = Scratch.NewFolder("cluster");
        Nodes = [.. NodeNames.Select(NewNode)];
        Replicas = [NewReplica("r1"), NewReplica("r2")];
        Links = new RabbitLinkFactory(
            new RabbitLinkSettings { Broker = broker.Uri, ClientName = "muster test" }, new BusNames(name),
            NullLoggerFactory.Instance);
    }

    public IBroker Broker { get; }

    public string Name { get; }

    /// <summary>Data of the nodes, and room for ledgers.</summary>
    public string Folder { get; }

    public IReadOnlyList<Service> Nodes { get; }

    public IReadOnlyList<Service> Replicas { get; }

    public RabbitLinkFactory Links { get; }

    /// <summary>Every process.</summary>
    public IEnumerable<Service> Services => Nodes.Concat(Replicas);

    /// <summary>A cluster of which nothing runs yet.</summary>
    public static MusterCluster Create(IBroker broker, string name, ClusterOptions? options = null) =>
        new(broker, name, options ?? new ClusterOptions());

    public static async Task<MusterCluster> StartAsync(
        IBroker broker, string name, ClusterOptions? options = null)
    {
        var cluster = Create(broker, name, options);
        await cluster.BeWholeAsync();
        return cluster;
    }

    /// <summary>
    /// Starts what does not run, mends what is paused or cut, and waits until all are ready.
    /// </summary>
    public async Task BeWholeAsync()
    {
        foreach (var service in Services)
        {
            service.Mend();
        }
        await StartAsync(Services);
    }

    public static async Task StartAsync(params IEnumerable<Service> services)
    {
        var started = services.ToList();
        foreach (var service in started)
        {
            await service.StartAsync();
        }
        await Task.WhenAll(started.Select(service => service.ReadyAsync(Patience)));
    }

    /// <summary>The reports of the nodes that answer.</summary>
    public async Task<IReadOnlyList<ConsensusReport>> ReportsAsync() =>
        [.. (await Task.WhenAll(Nodes.Select(ConsensusReport.AskAsync))).OfType<ConsensusReport>()];

    /// <summary>The node that leads now, waiting for one that is not <paramref name="otherThan"/>.</summary>
    public async Task<Service> LeaderAsync(Service? otherThan = null)
    {
        Service? leader = null;
        await Until.TrueAsync(
            async () =>
            {
                var reports = await ReportsAsync();
                leader = reports.Where(report => report.IsLeader).MaxBy(report => report.Term)?.Service;
                return leader is not null && leader != otherThan;
            },
            Patience, () => $"a leader other than {otherThan?.Name ?? "none"}; now {leader?.Name ?? "none"}");
        return leader!;
    }

    public async Task<Service> FollowerAsync()
    {
        var leader = await LeaderAsync();
        return Nodes.First(node => node != leader);
    }

    /// <summary>Waits until a node has committed what the leader has now.</summary>
    public async Task CaughtUpAsync(Service node, TimeSpan timeout)
    {
        var leader = await LeaderAsync();
        var goal = (await ConsensusReport.AskAsync(leader))?.CommitIndex ?? 0;
        ConsensusReport? seen = null;
        await Until.TrueAsync(
            async () =>
            {
                seen = await ConsensusReport.AskAsync(node);
                return seen?.CommitIndex >= goal && await node.IsReadyAsync();
            },
            timeout, () => $"{node.Name} caught up with {goal} of {leader.Name}; it says {seen}");
    }

    public MusterClient NewClient(string owner, TimeSpan? ttl = null) => new(
        new MusterOptions { Cluster = Name, Owner = owner, SessionTtl = ttl ?? OrdinaryTtl }, Links);

    public async ValueTask DisposeAsync()
    {
        foreach (var service in Services)
        {
            await service.DisposeAsync();
        }
    }

    private Service NewNode(string node)
    {
        var environment = new Dictionary<string, string>(_options.Consensus)
        {
            ["Bus__Cluster"] = Name,
            ["Consensus__Node"] = node,
            ["Consensus__ClusterId"] = Name,
            ["Consensus__Bootstrap"] = "true",
            ["Consensus__DataFolder"] = Path.Combine(Folder, node),
        };
        for (var i = 0; i < NodeNames.Length; i++)
        {
            environment[$"Consensus__Members__{i}"] = NodeNames[i];
        }
        return new("services/Consensus/Muster.Consensus.csproj", node, NewWire(), Broker.Uri)
        {
            Environment = environment,
        };
    }

    private Service NewReplica(string replica) =>
        new("services/Lock/Muster.Lock.csproj", replica, NewWire(), Broker.Uri)
        {
            Environment = new Dictionary<string, string>(_options.Lock)
            {
                ["Bus__Cluster"] = Name,
                ["Lock__Replica"] = replica,
                ["Lock__ClusterId"] = Name,
            },
        };

    private CuttableProxy? NewWire() => _options.HasCuttableWires ? CuttableProxy.Start(Broker.Uri) : null;
}
