using Muster.Broker;
using Muster.Cluster;
using Muster.Worker;

namespace Muster.Coordination.Tests;

/// <summary>Worker processes on a cluster.</summary>
internal static class WorkerProcess
{
    private const string Project = "tests/Worker/Muster.Worker.csproj";

    /// <summary>A node that beats; returned once it is connected.</summary>
    public static async Task<ServiceProcess> StartNodeAsync(MusterCluster cluster, string name)
    {
        var settings = new NodeSettings(name, cluster.Broker.Uri, cluster.Name);
        var process = ServiceProcess.Start(
            ServiceProcessOptions.Service(Project, name, settings.ToArguments()));
        await process.WaitForLineAsync(NodeSettings.Connected, MusterCluster.Patience);
        return process;
    }

    /// <summary>A process that holds a lock; returned once it does.</summary>
    public static async Task<ServiceProcess> StartHolderAsync(
        MusterCluster cluster, string name, string wanted, TimeSpan ttl, bool crashRelease = true)
    {
        var settings = new HolderSettings(
            name, cluster.Broker.Uri, cluster.Name, wanted, ttl, crashRelease);
        var process = ServiceProcess.Start(
            ServiceProcessOptions.Service(Project, name, settings.ToArguments()));
        await process.WaitForLineAsync(
            line => HolderLine.TryParse(line) is not null, $"{name} holds {wanted}", MusterCluster.Patience);
        return process;
    }

    /// <summary>How a holder said that it holds.</summary>
    public static HolderLine HeldBy(ServiceProcess holder) =>
        ReadLines(holder.LogPath).Select(HolderLine.TryParse).OfType<HolderLine>().First();

    /// <summary>A member of a standby group; returned once it has joined.</summary>
    public static async Task<ServiceProcess> StartStandbyAsync(
        MusterCluster cluster, string name, string group, TimeSpan pause)
    {
        var settings = new StandbySettings(
            name, cluster.Broker.Uri, cluster.Name, group, LockOf(group), pause);
        var process = ServiceProcess.Start(
            ServiceProcessOptions.Service(Project, name, settings.ToArguments()));
        await NextAsync(process, StandbyAct.Joined);
        return process;
    }

    /// <summary>A process with a leader-elected service, which writes to the ledger while it leads.</summary>
    public static ServiceProcess StartElected(
        MusterCluster cluster, string name, string ledger, string election, TimeSpan ttl) =>
        ServiceProcess.Start(ServiceProcessOptions.Service(
            Project, name,
            new ElectedSettings(name, cluster.Broker.Uri, cluster.Name, ledger, election, ttl)
                .ToArguments()));

    /// <summary>
    /// A recovery replica in place of one of the cluster's that does not run; it kills itself at the point.
    /// </summary>
    public static ServiceProcess StartMortalRecovery(MusterCluster cluster, Service replica, string point) =>
        ServiceProcess.Start(ServiceProcessOptions.Service(
            Project, $"{replica.Name}-{point}", "recovery", point) with
        {
            Environment = new Dictionary<string, string>(replica.Environment)
            {
                ["Bus__Uri"] = cluster.Broker.Uri.ToString(),
            },
        });

    public static string LockOf(string group) => $"leader/{group}";

    /// <summary>The first line of this act, or the next after a mark.</summary>
    public static async Task<StandbyLine> NextAsync(ServiceProcess process, StandbyAct act, long after = 0) =>
        StandbyLine.TryParse(await process.WaitForLineAsync(
            line => StandbyLine.TryParse(line)?.Act == act, $"no line of {act}", MusterCluster.Patience,
            after))!;

    /// <summary>Every line of this act that the process has printed so far, from its log.</summary>
    public static IReadOnlyList<StandbyLine> Lines(ServiceProcess process, StandbyAct act) =>
    [
        .. ReadLines(process.LogPath).Select(StandbyLine.TryParse).OfType<StandbyLine>()
            .Where(line => line.Act == act),
    ];

    /// <summary>The process may be writing a line: what has no end yet is not one.</summary>
    private static string[] ReadLines(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var text = reader.ReadToEnd();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n');
    }
}
