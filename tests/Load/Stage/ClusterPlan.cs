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

    public const string DetectorGroup = "detector";

    private const string Consensus = "services/Consensus/Muster.Consensus.csproj";
    private const string Lock = "services/Lock/Muster.Lock.csproj";
    private const string Registry = "services/Registry/Muster.Registry.csproj";
    private const string Detector = "services/Detector/Muster.Detector.csproj";
    public static readonly string[] Nodes = ["n1", "n2", "n3"];
    public static readonly string[] Detectors = ["d1", "d2", "d3"];
    private static readonly string[] Replicas = ["r1", "r2"];

    /// <summary>The registry's and the detectors' are only there when they are asked for.</summary>
    public static IReadOnlyList<string> Projects(bool withRegistry, bool withDetectors) =>
    [
        Consensus, Lock, .. withRegistry ? [Registry] : Array.Empty<string>(),
        .. withDetectors ? [Detector] : Array.Empty<string>(),
    ];

    /// <param name="cluster">The cluster's name.</param>
    /// <param name="folder">Where the nodes' data goes.</param>
    /// <param name="registry">The Redis of a registry beside the locks; null: no registry.</param>
    /// <param name="hasDetectors">Detectors beside the locks.</param>
    /// <param name="idleGroups">So many groups beside the others.</param>
    public static IReadOnlyList<ServicePlan> Services(
        string cluster, string folder, LoadRedis? registry, bool hasDetectors, int idleGroups) =>
    [
        .. Nodes.Select(node => new ServicePlan(
            Consensus, node,
            NodeSettings(cluster, folder, node, Groups(registry is not null, hasDetectors, idleGroups)))),
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
        .. hasDetectors
            ? Detectors.Select(
                detector => new ServicePlan(Detector, detector, DetectorSettings(cluster, detector)))
            : [],
    ];

    private static IEnumerable<string> Groups(bool withRegistry, bool withDetectors, int idleGroups) =>
    [
        LockGroup, LoadGroup, .. withRegistry ? [RegistryGroup] : Array.Empty<string>(),
        .. withDetectors ? [DetectorGroup] : Array.Empty<string>(),
        .. Enumerable.Range(1, idleGroups).Select(idle => $"idle-{idle}"),
    ];

    private static Dictionary<string, string> NodeSettings(
        string cluster, string folder, string node, IEnumerable<string> groups)
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
        AddList(settings, "Consensus__Groups", groups);
        AddList(settings, "Consensus__Members", Nodes);
        return settings;
    }

    private static Dictionary<string, string> DetectorSettings(string cluster, string detector)
    {
        var settings = new Dictionary<string, string>
        {
            ["Bus__Cluster"] = cluster,
            ["Detector__ClusterId"] = cluster,
            ["Detector__Instance"] = detector,
        };
        AddList(settings, "Detector__Instances", Detectors);
        return settings;
    }

    private static void AddList(Dictionary<string, string> settings, string name, IEnumerable<string> values)
    {
        foreach (var (index, value) in values.Index())
        {
            settings[$"{name}__{index.ToString(CultureInfo.InvariantCulture)}"] = value;
        }
    }
}

/// <summary>
/// One process to be: the project it is built from, its name, and its settings as environment.
/// </summary>
internal sealed record ServicePlan(
    string Project, string Name, IReadOnlyDictionary<string, string> Settings);
