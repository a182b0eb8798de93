using Microsoft.Extensions.Logging.Abstractions;
using Muster.Bus;
using Muster.Client;
using Muster.Host.Demo;
using Muster.Worker;

var settings = WorkerSettings.Parse(args);
var links = new RabbitLinkFactory(
    new RabbitLinkSettings { Broker = settings.Bus, ClientName = "muster worker " + settings.Name },
    new BusNames(settings.Cluster),
    NullLoggerFactory.Instance);
using var ledger = new Ledger(settings.Ledger);
await using var client = new MusterClient(
    new MusterOptions { Cluster = settings.Cluster, Owner = settings.Name, SessionTtl = settings.Ttl },
    links);
await client.ConnectAsync();
await new LockWorker(settings, client.Locks, ledger, TimeProvider.System).RunAsync();
