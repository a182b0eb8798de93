using System.Globalization;

namespace Muster.Load.Stage;

/// <summary>
/// The services of a cluster under load, with the settings of production: only names, folders and the open
/// group are set.
/// </summary>
internal static class ClusterPlan
{
    /// <summary>
    /// The group that proposals go to. No service has its log, so that nobody stops at what is proposed.
    /// </summary>
    public const string LoadGroup = "load";

    public const string LockGroup = "lock";

    public const string RegistryGroup = "registry";

    private const string Consensus = "services/Consensus/Muster.Consensus.csproj";
    private const string Lock = "services/Lock/Muster.Lock.csproj";
    private const string Registry = "services/Registry/Muster.Registry.csproj";
    public static readonly string[] Nodes = ["n1", "n2", "n3"];
    private static readonly string[] Replicas = ["r1", "r2"];

    /// <summary>The registry's are only there when it is asked for.</summary>
    public static IReadOnlyList<string> Projects(bool withRegistry) =>
        withRegistry ? [Consensus, Lock, Registry] : [Consensus, Lock];

    /// <param name="cluster">The cluster's name.</param>
    /// <param name="folder">Where the nodes' data goes.</param>
    /// <param name="registry">The Redis of a registry beside the locks; null: no registry.</param>
    /// <param name="idleGroups">So many groups beside the others.</param>
    public static IReadOnlyList<ServicePlan> Services(
        string cluster, string folder, LoadRedis? registry, int idleGroups) =>
    [
        .. Nodes.Select(node => new ServicePlan(
            Consensus, node, NodeSettings(cluster, folder, node, registry is not null, idleGroups))),
        .. Replicas.Select(replica => new ServicePlan(Lock, "lock-" + replica, new Dictionary<string, string>
        {
            ["Bus__Cluster"] = cluster,
            ["Lock__Replica"] = replica,
            ["Lock__ClusterId"] = cluster,
        })),
        .. registry is null ? [] : Replicas.Select(replica => new ServicePlan(
            Registry, "registry-" + replica, new Dictionary<string, string>
            {
                ["Bus__Cluster"] = cluster,
                ["Registry__Replica"] = replica,
                ["Registry__ClusterId"] = cluster,
                ["Redis__Connection"] = registry.Connection ?? "",
            })),
    ];

    private static Dictionary<string, string> NodeSettings(
        string cluster, string folder, string node, bool withRegistry, int idleGroups)
    {
        var settings = new Dictionary<string, string>
        {
            ["Bus__Cluster"] = cluster,
            ["Consensus__Node"] = node,
            ["Consensus__ClusterId"] = cluster,
            ["Consensus__Bootstrap"] = "true",
            ["Consensus__DataFolder"] = Path.Combine(folder, node),
            ["Consensus__OpenGroups__0"] = LoadGroup,
        };
        List<string> groups = [LockGroup, LoadGroup];
        if (withRegistry)
        {
            groups.Add(RegistryGroup);
        }
        groups.AddRange(Enumerable.Range(1, idleGroups).Select(idle => $"idle-{idle}"));
        for (var group = 0; group < groups.Count; group++)
        {
            settings[$"Consensus__Groups__{group.ToString(CultureInfo.InvariantCulture)}"] = groups[group];
        }
        for (var member = 0; member < Nodes.Length; member++)
        {
            settings[$"Consensus__Members__{member.ToString(CultureInfo.InvariantCulture)}"] = Nodes[member];
        }
        return settings;
    }
}

/// <summary>
/// One process to be: the project it is built from, its name, and its settings as environment.
/// </summary>
internal sealed record ServicePlan(
    string Project, string Name, IReadOnlyDictionary<string, string> Settings);
