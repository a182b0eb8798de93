using System.Globalization;

namespace Muster.Cluster;

/// <summary>
/// The settings of each kind of service, by environment, as compose/compose.yaml gives them.
/// </summary>
internal sealed class ServiceEnvironment(string cluster, string folder, ClusterOptions options)
{
    public static readonly IReadOnlyList<string> Nodes = ["n1", "n2", "n3"];

    private string LockGroups => options.LockGroups.ToString(CultureInfo.InvariantCulture);

    public string BackupFolder => Path.Combine(folder, "backups");

    public string DataFolderOf(string node) => Path.Combine(folder, node);

    public static IReadOnlyList<string> Names(string letter, int count) =>
    [
        .. Enumerable.Range(1, count)
            .Select(number => letter + number.ToString(CultureInfo.InvariantCulture)),
    ];

    public Dictionary<string, string> OfNode(string node) =>
        Listed("Consensus__Members", Nodes, new(options.Consensus)
        {
            ["Bus__Cluster"] = cluster,
            ["Consensus__ClusterId"] = cluster,
            ["Consensus__Bootstrap"] = "true",
            ["Consensus__LockGroups"] = LockGroups,
            ["Consensus__DataFolder"] = DataFolderOf(node),
            ["Consensus__Node"] = node,
        });

    public Dictionary<string, string> OfLock(string replica) => new(options.Lock)
    {
        ["Bus__Cluster"] = cluster,
        ["Lock__ClusterId"] = cluster,
        ["Lock__Groups"] = LockGroups,
        ["Lock__Replica"] = replica,
    };

    public Dictionary<string, string> OfRegistry(string replica) => new()
    {
        ["Bus__Cluster"] = cluster,
        ["Registry__ClusterId"] = cluster,
        ["Registry__Replica"] = replica,
        ["Redis__Connection"] = options.Redis ?? "",
    };

    public Dictionary<string, string> OfDetector(string instance) =>
        Listed("Detector__Instances", Names("d", options.Detectors), new()
        {
            ["Bus__Cluster"] = cluster,
            ["Detector__ClusterId"] = cluster,
            ["Detector__Instance"] = instance,
        });

    public Dictionary<string, string> OfRecovery(string replica) => new()
    {
        ["Bus__Cluster"] = cluster,
        ["Recovery__ClusterId"] = cluster,
        ["Recovery__LockGroups"] = LockGroups,
        ["Recovery__Replica"] = replica,
        ["Recovery__BackupFolder"] = BackupFolder,
    };

    private static Dictionary<string, string> Listed(
        string name, IReadOnlyList<string> values, Dictionary<string, string> environment)
    {
        for (var i = 0; i < values.Count; i++)
        {
            environment[$"{name}__{i.ToString(CultureInfo.InvariantCulture)}"] = values[i];
        }
        return environment;
    }
}
