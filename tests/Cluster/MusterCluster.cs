using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Broker;
using Muster.Bus;
using Muster.Client;

namespace Muster.Cluster;

/// <summary>
/// Three consensus nodes, two lock replicas and what else was asked for as processes of their own, under a
/// cluster name of their own on the broker.
/// </summary>
public sealed class MusterCluster : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // A dozen processes at once on two processors, and others' builds beside them.
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan OrdinaryTtl = TimeSpan.FromSeconds(15);

    private readonly ClusterOptions _options;
    private readonly ServiceEnvironment _environment;
    private int _clients;

    private MusterCluster(IBroker broker, string name, ClusterOptions options)
    {
        Broker = broker;
        Name = name;
        _options = options;
        Folder = Scratch.NewFolder("cluster");
        _environment = new ServiceEnvironment(name, Folder, options);
        Nodes = NewServices("Consensus", ServiceEnvironment.Nodes, _environment.OfNode);
        Replicas = NewServices("Lock", ServiceEnvironment.Names("r", 2), _environment.OfLock);
        Registries = NewServices(
            "Registry", ServiceEnvironment.Names("g", options.Registries), _environment.OfRegistry);
        Detectors = NewServices(
            "Detector", ServiceEnvironment.Names("d", options.Detectors), _environment.OfDetector);
        Recoveries = NewServices(
            "Recovery", ServiceEnvironment.Names("v", options.Recoveries), _environment.OfRecovery);
        Services = [.. Nodes, .. Replicas, .. Registries, .. Detectors, .. Recoveries];
        Links = new RabbitLinkFactory(
            new RabbitLinkSettings { Broker = ApplicationUri, ClientName = "muster test" },
            new BusNames(name), NullLoggerFactory.Instance);
    }

    public IBroker Broker { get; }

    public string Name { get; }

    /// <summary>The broker for who is no service.</summary>
    public Uri ApplicationUri => UriOf("app");

    /// <summary>Data of the nodes, and room for ledgers.</summary>
    public string Folder { get; }

    /// <summary>Where the recovery replicas write backups.</summary>
    public string BackupFolder => _environment.BackupFolder;

    /// <summary>The consensus nodes.</summary>
    public IReadOnlyList<Service> Nodes { get; }

    /// <summary>The lock replicas.</summary>
    public IReadOnlyList<Service> Replicas { get; }

    public IReadOnlyList<Service> Registries { get; }

    public IReadOnlyList<Service> Detectors { get; }

    public IReadOnlyList<Service> Recoveries { get; }

    public RabbitLinkFactory Links { get; }

    /// <summary>Every process.</summary>
    public IReadOnlyList<Service> Services { get; }

    /// <summary>A cluster of which nothing runs yet.</summary>
    public static MusterCluster Create(IBroker broker, string name, ClusterOptions? options = null) =>
        new(broker, name, options ?? new ClusterOptions());

    public static async Task<MusterCluster> StartAsync(
        IBroker broker, string name, ClusterOptions? options = null)
    {
        var cluster = Create(broker, name, options);
        try
        {
            await cluster.BeWholeAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Starts what does not run, mends what is paused or cut, and waits until all are ready, and the
    /// detectors calm: what an earlier test did to the broker is over.
    /// </summary>
    public async Task BeWholeAsync()
    {
        foreach (var service in Services)
        {
            service.Mend();
        }
        await StartAsync(Services);
        foreach (var detector in Detectors)
        {
            await Until.TrueAsync(
                async () => (await detector.HealthAsync())?.Text.Contains(
                    "\"judges\"", StringComparison.Ordinal) == true,
                Patience, () => $"{detector.Name} is not calm");
        }
    }

    public static async Task StartAsync(params IEnumerable<Service> services)
    {
        var started = services.ToList();
        foreach (var service in started)
        {
            await service.StartAsync();
        }
        await Task.WhenAll(started.Select(service => service.ReadyAsync(StartPatience)));
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

    /// <summary>Ends the consensus nodes and empties their disks; everything else is left running.</summary>
    public async Task WipeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.KillAsync();
            Directory.Delete(_environment.DataFolderOf(node.Name), recursive: true);
        }
    }

    public MusterClient NewClient(
        string owner, TimeSpan? ttl = null, TimeSpan? callTimeout = null, bool hasRedis = true) => new(
        new MusterOptions
        {
            Cluster = Name,
            Owner = owner,
            Node = $"test-{Interlocked.Increment(ref _clients).ToString(CultureInfo.InvariantCulture)}",
            SessionTtl = ttl ?? OrdinaryTtl,
            CallTimeout = callTimeout ?? new MusterOptions().CallTimeout,
            Redis = hasRedis ? _options.Redis : null,
        },
        Links);

    public async ValueTask DisposeAsync()
    {
        foreach (var service in Services)
        {
            await service.DisposeAsync();
        }
    }

    private IReadOnlyList<Service> NewServices(
        string kind, IReadOnlyList<string> names, Func<string, Dictionary<string, string>> environmentOf) =>
    [
        .. names.Select(name => new Service(
            $"services/{kind}/Muster.{kind}.csproj", name,
            _options.HasCuttableWires ? CuttableProxy.Start(Broker.Uri) : null,
            UriOf("muster-" + kind.ToLowerInvariant()))
        {
            Environment = environmentOf(name),
        }),
    ];

    private Uri UriOf(string user) =>
        _options.HasOwnUsers ? BrokerUsers.UriOf(Broker, user) : Broker.Uri;
}
