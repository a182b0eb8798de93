using System.Text.RegularExpressions;

namespace Muster.Bus;

/// <summary>
/// Every name on the broker, in one place. The default cluster's names have no prefix; another cluster's
/// start with <c>NAME.</c>, so that several share a broker.
/// </summary>
public sealed partial class BusNames
{
    /// <summary>The cluster whose names have no prefix.</summary>
    public const string DefaultCluster = "muster";

    /// <summary>What a cluster's name is made of, for who gave another.</summary>
    public const string ClusterRule = "1 to 32 of a-z, 0-9 and hyphen, starting with a letter";

    private readonly string _prefix;

    /// <summary>The names of one cluster.</summary>
    /// <param name="cluster">
    /// <see cref="ClusterRule"/>. Not checked here but by whoever takes it from people: <see
    /// cref="IsCluster"/>.
    /// </param>
    public BusNames(string cluster)
    {
        Cluster = cluster;
        _prefix = cluster == DefaultCluster ? "" : cluster + ".";
    }

    /// <summary>The cluster.</summary>
    public string Cluster { get; }

    /// <summary>Whether it may be a cluster's name: it goes into the names of queues and exchanges.</summary>
    public static bool IsCluster(string? name) => name is not null && ClusterPattern().IsMatch(name);

    /// <summary>The durable direct exchange of all inboxes; the routing key is the address.</summary>
    public string InboxExchange => _prefix + "muster.inbox";

    /// <summary>A fanout exchange to every consensus node's inbox, for who does not know the nodes.</summary>
    public string AllConsensusNodes => _prefix + "muster.consensus";

    /// <summary>
    /// A fanout exchange to the detectors' inboxes alone, for heartbeats that renew nothing.
    /// </summary>
    public string NodeBeats => _prefix + "muster.beats";

    /// <summary>
    /// The fanout exchange of a group's committed entries and leader changes, bound by its replicas' inboxes.
    /// </summary>
    public string Committed(string group) => _prefix + "muster.committed." + group;

    /// <summary>
    /// The fanout exchange of a contract, as MassTransit names it: <c>Muster.Contracts.Lock:AcquireLock</c>.
    /// </summary>
    public string Exchange(Type contract) => _prefix + BusJson.TypeName(contract);

    /// <summary>A shared durable queue's or endpoint's name.</summary>
    public string Queue(string name) => _prefix + name;

    /// <summary>A consensus node's address.</summary>
    public static string ConsensusAddress(string node) => "consensus." + node;

    /// <summary>
    /// The contract's name in an exchange's name, or null when the exchange is not one of this cluster's
    /// contracts.
    /// </summary>
    public string? TypeOfExchange(string exchange) =>
        exchange.StartsWith(_prefix, StringComparison.Ordinal)
        && BusJson.IsContract(exchange[_prefix.Length..])
            ? exchange[_prefix.Length..]
            : null;

    [GeneratedRegex("^[a-z][a-z0-9-]{0,31}\\z")]
    private static partial Regex ClusterPattern();
}
