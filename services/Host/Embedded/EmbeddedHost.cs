using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Consensus;
using Muster.Hosting;
using Muster.Lock;

namespace Muster.Host.Embedded;

/// <summary>
/// Every service in one process: three consensus nodes and two lock replicas with their
/// endpoints, on MassTransit's in-memory transport, with SQLite files in a data folder. Nothing
/// listens but the health page on loopback.
/// </summary>
public static class EmbeddedHost
{
    public const int LockReplicas = 2;

    public static IReadOnlyList<string> Nodes { get; } = ["n1", "n2", "n3"];

    /// <summary>Builds the host; starting it starts the cluster.</summary>
    /// <param name="dataFolder">One folder per node is made in it; kept from run to run.</param>
    /// <param name="arguments">
    /// Configuration on the command line, as <c>--Health:Url=http://127.0.0.1:8500</c>.
    /// </param>
    /// <param name="quiet">Log warnings only.</param>
    /// <exception cref="Consensus.Storage.StartRefusedException">
    /// A node's folder is in use, or not its own.
    /// </exception>
    public static IHost Build(string dataFolder, string[] arguments, bool quiet = false)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(
            new HostApplicationBuilderSettings
            {
                Args = arguments,
                ContentRootPath = AppContext.BaseDirectory,
            });
        if (quiet)
        {
            builder.Logging
                .SetMinimumLevel(LogLevel.Warning)
                .AddFilter((_, level) => level >= LogLevel.Warning);
        }
        else
        {
            builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        }
        var services = builder.Services;
        services.AddMusterWeb();
        services.AddMusterEndpointsInMemory(endpoints =>
        {
            endpoints.AddConsensusEndpoint();
            endpoints.AddLockEndpoint();
        });
        services.AddSingleton(provider => new MemoryBus(
            provider.GetRequiredService<IBus>(), provider.GetRequiredService<BusNames>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<ILinkFactory>(provider => new MemoryLinkFactory(
            provider.GetRequiredService<MemoryBus>(), provider.GetRequiredService<ILoggerFactory>()));
        foreach (var node in Nodes)
        {
            services.AddConsensusNode(node, _ => NodeOptions(node, dataFolder));
        }
        for (var i = 1; i <= LockReplicas; i++)
        {
            var replica = $"lock-{i}";
            services.AddLockReplica(replica, _ => new LockServiceOptions { Replica = replica });
        }
        services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(5));
        return builder.Build();
    }

    private static ConsensusOptions NodeOptions(string node, string dataFolder) => new()
    {
        Node = node,
        Members = [.. Nodes],
        Bootstrap = true,
        DataFolder = Path.Combine(dataFolder, node),
    };
}
