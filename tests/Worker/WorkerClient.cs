using Microsoft.Extensions.Logging.Abstractions;
using Muster.Bus;
using Muster.Client;

namespace Muster.Worker;

/// <summary>The client of a worker process, which is a node under the worker's name.</summary>
internal static class WorkerClient
{
    public static async Task<MusterClient> ConnectAsync(
        string name, Uri bus, string cluster, TimeSpan ttl, bool crashRelease = true)
    {
        var links = new RabbitLinkFactory(
            new RabbitLinkSettings { Broker = bus, ClientName = "muster worker " + name },
            new BusNames(cluster),
            NullLoggerFactory.Instance);
        var client = new MusterClient(
            new MusterOptions
            {
                Cluster = cluster,
                Owner = name,
                Node = name,
                SessionTtl = ttl,
                CrashRelease = crashRelease,
            },
            links);
        await client.ConnectAsync();
        return client;
    }
}
