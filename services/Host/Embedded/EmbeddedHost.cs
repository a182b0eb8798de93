using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Consensus;
using Muster.Decisions;
using Muster.Detector;
using Muster.Hosting;
using Muster.Lock;
using Muster.Recovery;
using Muster.Registry;
using Muster.Views;

namespace Muster.Host.Embedded;

/// <summary>
/// Every service in one process: three consensus nodes with the decisions, two replicas of the lock, registry
/// and recovery services and three detectors with their endpoints, on MassTransit's in-memory transport, with
/// SQLite files and backups in a data folder. Nothing listens but the health page on loopback.
/// </summary>
public static class EmbeddedHost
{
    public static IReadOnlyList<string> Nodes { get; } = ["n1", "n2", "n3"];

    public static IReadOnlyList<string> Replicas { get; } = ["a", "b"];

    public static IReadOnlyList<string> Detectors { get; } = ["d1", "d2", "d3"];

    /// <summary>How long its services have to stop in order.</summary>
    public static TimeSpan ShutdownTimeout { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Builds the host; starting it starts the cluster.</summary>
    /// <param name="dataFolder">One folder per node is made in it; kept from run to run.</param>
    /// <param name="arguments">
    /// Configuration on the command line, as <c>--Health:Url=http://127.0.0.1:8500</c>.
    /// </param>
    /// <param name="least">The least level that is logged; null: as configured.</param>
    /// <exception cref="StartRefusedException">
    /// A node's folder is in use, or not its own; or <c>Lock:Groups</c> is out of range.
    /// </exception>
    public static IHost Build(string dataFolder, string[] arguments, LogLevel? least = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(
            new HostApplicationBuilderSettings
            {
                Args = arguments,
                ContentRootPath = AppContext.BaseDirectory,
            });
        if (least is { } lowest)
        {
            builder.Logging.SetMinimumLevel(lowest).AddFilter((_, level) => level >= lowest);
        }
        var services = builder.Services;
        services.AddMusterWeb();
        services.AddMusterTelemetry("host");
        AddBus(services);
        AddServices(services, builder.Configuration, dataFolder);
        services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);
        return builder.Build();
    }

    private static void AddBus(IServiceCollection services)
    {
        services.AddMusterEndpointsInMemory(endpoints =>
        {
            endpoints.AddConsensusEndpoint();
            endpoints.AddDecisionsEndpoint();
            endpoints.AddLockEndpoint();
            endpoints.AddRegistryEndpoint();
            endpoints.AddDetectorEndpoint();
            endpoints.AddRecoveryEndpoint();
        });
        services.AddSingleton(provider => new MemoryBus(
            provider.GetRequiredService<IBus>(), provider.GetRequiredService<BusNames>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<ILinkFactory>(provider => new MemoryLinkFactory(
            provider.GetRequiredService<MemoryBus>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IServiceViews>(_ => new MemoryServiceViews(TimeProvider.System));
    }

    private static void AddServices(
        IServiceCollection services, ConfigurationManager configuration, string dataFolder)
    {
        var locks = LockOptionsOf(configuration);
        var groups = locks.Groups;
        // The nodes may keep more than are in use, as a process of theirs may.
        var nodes = configuration.GetSection(ConsensusOptions.Section).Get<ConsensusOptions>() ?? new();
        var kept = Math.Max(groups, nodes.LockGroups);
        foreach (var node in Nodes)
        {
            services.AddConsensusNode(node, _ => NodeOptions(node, dataFolder, kept));
            services.AddNodeDecisions(node, _ => NodeOptions(node, dataFolder, kept), _ => new());
        }
        foreach (var replica in Replicas)
        {
            services.AddLockReplica($"lock-{replica}", _ => locks with
            {
                Replica = replica,
                HistoryFolder = Path.Combine(dataFolder, "history"),
            });
            services.AddRegistryReplica($"registry-{replica}", _ => new() { Replica = replica });
            services.AddRecoveryReplica($"recovery-{replica}", _ => new()
            {
                Replica = replica,
                BackupFolder = Path.Combine(dataFolder, "backups"),
                LockGroups = groups,
            });
        }
        foreach (var detector in Detectors)
        {
            services.AddDetectorInstance(
                $"detector-{detector}", _ => DetectorOptionsOf(configuration, detector));
        }
    }

    /// <summary>
    /// The groups as for a lock process, fixed by the first run on the folder; and how much history.
    /// </summary>
    private static LockServiceOptions LockOptionsOf(ConfigurationManager configuration)
    {
        var options = configuration.GetSection(LockServiceOptions.Section).Get<LockServiceOptions>() ?? new();
        return LockServiceOptions.Problems(options).FirstOrDefault() is { } problem
            ? throw new StartRefusedException(problem)
            : new()
            {
                Groups = options.Groups,
                HistoryEntries = options.HistoryEntries,
                HistoryAge = options.HistoryAge,
            };
    }

    private static ConsensusOptions NodeOptions(string node, string dataFolder, int lockGroups) => new()
    {
        Node = node,
        Members = [.. Nodes],
        LockGroups = lockGroups,
        Bootstrap = true,
        DataFolder = Path.Combine(dataFolder, node),
    };

    /// <summary>The detectors' sensitivity may be set as for a detector process.</summary>
    private static DetectorOptions DetectorOptionsOf(ConfigurationManager configuration, string detector)
    {
        var options = configuration.GetSection(DetectorOptions.Section).Get<DetectorOptions>() ?? new();
        options.Instance = detector;
        options.Instances = [.. Detectors];
        return options;
    }
}
