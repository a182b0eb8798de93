using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Broker;
using Muster.Bus;
using Muster.Client;
using Muster.Load.Reporting;
using Muster.Views;

namespace Muster.Load.Stage;

/// <summary>
/// The cluster that is loaded: processes of this run under a name of its own, or one that runs already.
/// </summary>
internal sealed class LoadCluster : IAsyncDisposable
{
    /// <summary>How long a service may take to be ready.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly LoadBroker _broker;
    private int _links;

    private LoadCluster(
        LoadBroker broker, string name, LoadRedis? registry, bool isOwn, bool hasDetectors = false,
        int idleGroups = 0)
    {
        (_broker, Name, IsOwn) = (broker, name, isOwn);
        Folder = Scratch.NewFolder("load");
        Services = isOwn
            ? [.. ClusterPlan.Services(name, Folder, registry, hasDetectors, idleGroups)
                .Select(plan => new LoadService(plan, broker.Uri))]
            : [];
        Links = new RabbitLinkFactory(
            new RabbitLinkSettings { Broker = broker.Uri, ClientName = "muster load" }, new BusNames(name),
            NullLoggerFactory.Instance);
    }

    public string Name { get; }

    /// <summary>Its processes are this run's, which may kill them.</summary>
    public bool IsOwn { get; }

    /// <summary>The nodes' data, and room for the floors' files on the same disk.</summary>
    public string Folder { get; }

    public IReadOnlyList<LoadService> Services { get; }

    public ILinkFactory Links { get; }

    public IEnumerable<int> ProcessIds => Services.Select(service => service.ProcessId).OfType<int>();

    /// <summary>One that runs already.</summary>
    public static LoadCluster Running(LoadBroker broker, string name) =>
        new(broker, name, registry: null, isOwn: false);

    /// <param name="broker">Where it runs.</param>
    /// <param name="registry">The Redis of a registry beside the locks; null: no registry.</param>
    /// <param name="progress">Tells what is done.</param>
    /// <param name="hasDetectors">Detectors beside the locks.</param>
    /// <param name="idleGroups">So many groups beside the others, which nobody proposes to.</param>
    public static async Task<LoadCluster> StartAsync(
        LoadBroker broker, LoadRedis? registry, IProgressLine progress, bool hasDetectors = false,
        int idleGroups = 0)
    {
        await ReleaseBuild.EnsureAsync(ClusterPlan.Projects(registry is not null, hasDetectors), progress);
        var cluster = new LoadCluster(
            broker, $"load-{Guid.NewGuid():N}"[..13], registry, isOwn: true, hasDetectors, idleGroups);
        try
        {
            progress.Say($"Starting cluster {cluster.Name}: {cluster.Describe()}; data in {cluster.Folder}");
            foreach (var service in cluster.Services)
            {
                await service.StartAsync();
            }
            await Task.WhenAll(cluster.Services.Select(service => service.ReadyAsync(Patience)));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public LoadService Service(string name) => Services.First(service => service.Name == name);

    /// <summary>An address of this run that no other link has.</summary>
    public string NewAddress(string what)
    {
        var number = Interlocked.Increment(ref _links).ToString(CultureInfo.InvariantCulture);
        return $"load.{what}.{Environment.MachineName}-{Environment.ProcessId}.{number}";
    }

    /// <param name="owner">What the client is for.</param>
    /// <param name="views">A cache that stays the caller's; null: none.</param>
    public MusterClient NewClient(string owner, IServiceViews? views = null) => new(
        new MusterOptions { Cluster = Name, Owner = "muster load, " + owner }, Links, views: views);

    /// <summary>Ends the processes, and takes the cluster's names off the broker.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var service in Services)
        {
            await service.DisposeAsync();
        }
        if (IsOwn)
        {
            await ClusterRemains.DeleteAsync(_broker, Links.Names);
        }
    }

    public override string ToString() => IsOwn
        ? $"{Describe()}, Release builds, started for this run"
        : $"cluster {Name}, which ran already (its processor time is in the rest)";

    private string Describe() => string.Join(", ", Services.Select(service => service.Name));
}
