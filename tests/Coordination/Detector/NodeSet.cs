using System.Globalization;
using Muster.Broker;
using Muster.Cluster;
using Muster.Contracts.Detector;

namespace Muster.Coordination.Tests.Detector;

/// <summary>Processes that beat, under names of one test.</summary>
internal sealed class NodeSet : IAsyncDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);

    private readonly MusterCluster _cluster;

    private NodeSet(MusterCluster cluster, IReadOnlyList<ServiceProcess> processes) =>
        (_cluster, Processes) = (cluster, processes);

    public IReadOnlyList<ServiceProcess> Processes { get; }

    public IReadOnlyList<string> Names => [.. Processes.Select(process => process.Name)];

    /// <summary>Returns once the detectors hold all of them for alive.</summary>
    public static async Task<NodeSet> StartAsync(MusterCluster cluster, string name, int count)
    {
        var processes = await Task.WhenAll(Enumerable.Range(1, count).Select(number =>
            WorkerProcess.StartNodeAsync(
                cluster, $"{name}-{number.ToString(CultureInfo.InvariantCulture)}")));
        var nodes = new NodeSet(cluster, processes);
        await nodes.AllAliveAsync();
        return nodes;
    }

    /// <summary>
    /// Waits until a detector that judges has heard all of them lately, and none is held against.
    /// </summary>
    public Task AllAliveAsync(string? except = null)
    {
        NodesDescribed? seen = null;
        return Until.TrueAsync(
            async () =>
            {
                seen = (await Stack.AskAsync(
                    _cluster, new DescribeNodes { CommandId = Guid.NewGuid().ToString("N") }))
                    .Read<NodesDescribed>();
                return seen.IsJudging && Names.Where(name => name != except).All(name =>
                    seen.Nodes.Any(node => node.Node == name && node.Status == NodeStatus.Alive
                        && node.SilenceMilliseconds < Fresh.TotalMilliseconds));
            },
            MusterCluster.Patience,
            () => $"{string.Join(", ", Names)} alive; {seen?.Detector} judges: {seen?.IsJudging}, "
                + string.Join("; ", seen?.Nodes ?? []));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Processes)
        {
            await process.DisposeAsync();
        }
    }
}
