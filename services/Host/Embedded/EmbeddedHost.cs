using MassTransit;
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
/// and recovery services and three detectors with their endpoints, with SQLite files and backups in a data
/// folder. Over RabbitMQ where the command line has <c>Bus:Uri</c>; else on MassTransit's in-memory
/// transport, where only clients of this process reach them, over its <see cref="ILinkFactory"/>. Nothing
/// listens but the health page on loopback.
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
    /// <param name="least">
    /// The least level that is logged, unless the arguments say; null: as configured.
    /// </param>
    /// <exception cref="StartRefusedException">
    /// A node's folder is in use, or not its own; or a service's setting is wrong, misspelled, or one that
    /// this host decides itself.
    /// </exception>
    public static IHost Build(string dataFolder, string[] arguments, LogLevel? least = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(
            new HostApplicationBuilderSettings
            {
                Args = arguments,
                ContentRootPath = AppContext.BaseDirectory,
            });
        var settings = new EmbeddedSettings(builder.Configuration, arguments, dataFolder);
        if (least is { } lowest && !settings.HasLogging)
        {
            builder.Logging.SetMinimumLevel(lowest).AddFilter((_, level) => level >= lowest);
        }
        var services = builder.Services;
        services.AddMusterWeb();
        services.AddMusterTelemetry("host");
        // Anywhere but on the command line it is for the services' own processes.
        builder.Configuration[EmbeddedSettings.BrokerName] = settings.Broker;
        if (settings.Broker is null)
        {
            AddMemoryBus(services);
        }
        else
        {
            services.AddMusterEndpoints(AddEndpoints);
            services.AddMusterLinks("muster host");
        }
        services.AddSingleton<IServiceViews>(_ => new MemoryServiceViews(TimeProvider.System));
        AddServices(services, settings, dataFolder);
        services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);
        return builder.Build();
    }

    private static void AddEndpoints(IBusRegistrationConfigurator endpoints)
    {
        endpoints.AddConsensusEndpoint();
        endpoints.AddDecisionsEndpoint();
        endpoints.AddLockEndpoint();
        endpoints.AddRegistryEndpoint();
        endpoints.AddDetectorEndpoint();
        endpoints.AddRecoveryEndpoint();
    }

    private static void AddMemoryBus(IServiceCollection services)
    {
        services.AddMusterEndpointsInMemory(AddEndpoints);
        services.AddSingleton(provider => new MemoryBus(
            provider.GetRequiredService<IBus>(), provider.GetRequiredService<BusNames>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<ILinkFactory>(provider => new MemoryLinkFactory(
            provider.GetRequiredService<MemoryBus>(), provider.GetRequiredService<ILoggerFactory>()));
    }

    private static void AddServices(IServiceCollection services, EmbeddedSettings settings, string dataFolder)
    {
        foreach (var node in Nodes)
        {
            var options = settings.Consensus with
            {
                Node = node,
                DataFolder = Path.Combine(dataFolder, node),
            };
            services.AddConsensusNode(node, _ => options);
            services.AddNodeDecisions(node, _ => options, _ => settings.Decisions);
        }
        foreach (var replica in Replicas)
        {
            services.AddLockReplica($"lock-{replica}", _ => settings.Lock with { Replica = replica });
            services.AddRegistryReplica(
                $"registry-{replica}", _ => settings.Registry with { Replica = replica });
            services.AddRecoveryReplica(
                $"recovery-{replica}", _ => settings.Recovery with { Replica = replica });
        }
        foreach (var detector in Detectors)
        {
            services.AddDetectorInstance(
                $"detector-{detector}", _ => settings.Detector with { Instance = detector });
        }
    }
}
