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

    private const string Consensus = "services/Consensus/Muster.Consensus.csproj";
    private const string Lock = "services/Lock/Muster.Lock.csproj";
    private static readonly string[] Nodes = ["n1", "n2", "n3"];
    private static readonly string[] Replicas = ["r1", "r2"];

    public static IReadOnlyList<string> Projects => [Consensus, Lock];

    public static IReadOnlyList<ServicePlan> Services(string cluster, string folder) =>
    [
        .. Nodes.Select(node => new ServicePlan(Consensus, node, NodeSettings(cluster, folder, node))),
        .. Replicas.Select(replica => new ServicePlan(Lock, "lock-" + replica, new Dictionary<string, string>
        {
            ["Bus__Cluster"] = cluster,
            ["Lock__Replica"] = replica,
            ["Lock__ClusterId"] = cluster,
        })),
    ];

    private static Dictionary<string, string> NodeSettings(string cluster, string folder, string node)
    {
        var settings = new Dictionary<string, string>
        {
            ["Bus__Cluster"] = cluster,
            ["Consensus__Node"] = node,
            ["Consensus__ClusterId"] = cluster,
            ["Consensus__Bootstrap"] = "true",
            ["Consensus__DataFolder"] = Path.Combine(folder, node),
            ["Consensus__Groups__0"] = LockGroup,
            ["Consensus__Groups__1"] = LoadGroup,
            ["Consensus__OpenGroups__0"] = LoadGroup,
        };
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
