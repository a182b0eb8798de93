using Muster.Bus;
using Muster.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Muster.Load.Stage;

/// <summary>
/// What a cluster that is gone has left on a broker that goes on: durable exchanges and queues under its own
/// prefix. To delete what was never there is no error.
/// </summary>
internal static class ClusterRemains
{
    private static readonly string[] Groups =
        [ClusterPlan.LoadGroup, ClusterPlan.LockGroup, ClusterPlan.RegistryGroup, "detector", "recovery"];

    /// <summary>Of every service of a whole stack, whichever of them this run had.</summary>
    private static readonly string[] Queues =
    [
        "consensus", "muster-decisions", "muster-lock", "muster-lock-batches", "muster-lock-heartbeats",
        "muster-lock-verdicts",
        "muster-registry", "muster-registry-batches", "muster-registry-heartbeats",
        "muster-detector", "muster-recovery", "muster-recovery-batches", "muster-recovery-verdicts",
        .. Groups.Select(group => "muster-state-" + group),
    ];

    private static readonly string[] Endings = ["", "_error", "_skipped"];

    public static async Task DeleteAsync(LoadBroker broker, BusNames names)
    {
        try
        {
            await using var connection = await broker.ConnectAsync();
            await using var channel = await connection.CreateChannelAsync();
            foreach (var name in Queues.SelectMany(queue => Endings.Select(end => names.Queue(queue) + end)))
            {
                await channel.QueueDeleteAsync(name);
                await channel.ExchangeDeleteAsync(name);
            }
            foreach (var exchange in Exchanges(names))
            {
                await channel.ExchangeDeleteAsync(exchange);
            }
        }
        catch (Exception gone) when (gone is BrokerUnreachableException or OperationInterruptedException)
        {
            // The broker is away, or does not let us: the names stay, and hurt nobody.
        }
    }

    private static IEnumerable<string> Exchanges(BusNames names) =>
    [
        names.InboxExchange,
        names.AllConsensusNodes,
        names.NodeBeats,
        .. Groups.Select(names.Committed),
        .. typeof(ContractJson).Assembly.GetExportedTypes()
            .Where(type => BusJson.IsContract(BusJson.TypeName(type)))
            .Select(names.Exchange),
    ];
}
