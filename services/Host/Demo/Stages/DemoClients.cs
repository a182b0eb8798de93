using Microsoft.Extensions.Logging.Abstractions;
using Muster.Bus;
using Muster.Client;
using Muster.Host.Demo.Team;
using Muster.Views;

namespace Muster.Host.Demo.Stages;

/// <summary>
/// The workers' clients: short sessions, so that a dead worker's locks pass on while you watch.
/// </summary>
public static class DemoClients
{
    public static readonly TimeSpan SessionTtl = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>A worker's client.</summary>
    /// <param name="worker">Whose.</param>
    /// <param name="links">To the demo's bus.</param>
    /// <param name="views">The embedded demo's; null: Redis, if the worker is told of one.</param>
    public static MusterClient Create(
        WorkerArguments worker, ILinkFactory links, IServiceViews? views = null) => new(
            new MusterOptions
            {
                Owner = worker.Name,
                Node = new TeamNames(worker.Run).Node(worker.Name),
                SessionTtl = SessionTtl,
                HeartbeatInterval = HeartbeatInterval,
                CallTimeout = CallTimeout,
                Redis = worker.Redis,
            },
            links, views: views);

    /// <summary>The demo's own client, for its first lock and its configuration.</summary>
    public static MusterClient CreateForDemo(TeamNames team, ILinkFactory links) => new(
        new MusterOptions
        {
            Owner = team.Run,
            Node = team.Run,
            HeartbeatInterval = TimeSpan.Zero,
            CallTimeout = CallTimeout,
        },
        links);

    public static ILinkFactory LinksTo(Uri bus, string cluster, string worker) => new RabbitLinkFactory(
        new RabbitLinkSettings { Broker = bus, ClientName = "muster demo " + worker }, new BusNames(cluster),
        NullLoggerFactory.Instance);
}
