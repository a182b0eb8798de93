using Microsoft.Extensions.Logging.Abstractions;
using Muster.Bus;
using Muster.Client;

namespace Muster.Host.Demo;

/// <summary>
/// The workers' clients: short sessions, so that a dead worker's locks pass on while you watch.
/// </summary>
public static class DemoClients
{
    public static readonly TimeSpan SessionTtl = TimeSpan.FromSeconds(2);

    public static MusterClient Create(string worker, ILinkFactory links) => new(
        new MusterOptions { Owner = worker, SessionTtl = SessionTtl, CallTimeout = TimeSpan.FromSeconds(15) },
        links);

    public static ILinkFactory LinksTo(Uri bus, string cluster, string worker) => new RabbitLinkFactory(
        new RabbitLinkSettings { Broker = bus, ClientName = "muster demo " + worker }, new BusNames(cluster),
        NullLoggerFactory.Instance);
}
