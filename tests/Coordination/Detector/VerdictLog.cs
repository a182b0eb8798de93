using Muster.Cluster;
using Muster.Contracts.Detector;

namespace Muster.Coordination.Tests.Detector;

/// <summary>The detectors' events as their log has them, from the first.</summary>
internal sealed record VerdictLog(long Head, IReadOnlyList<NodeFailed> Failures)
{
    public static async Task<VerdictLog> ReadAsync(MusterCluster cluster)
    {
        var failures = new List<NodeFailed>();
        var from = 1L;
        while (true)
        {
            var read = (await Stack.AskAsync(cluster, new ReadDetectorEvents
            {
                CommandId = Guid.NewGuid().ToString("N"),
                FromNumber = from,
            })).Read<DetectorEventsRead>();
            if (read.IsTrimmed)
            {
                throw new InvalidOperationException($"The events from {from} on are no longer kept.");
            }
            failures.AddRange(read.Events.Select(item => item.NodeFailed).OfType<NodeFailed>());
            from += read.Events.Count;
            if (from > read.Head)
            {
                return new(read.Head, failures);
            }
        }
    }

    public IEnumerable<NodeFailed> FailuresAfter(VerdictLog before) =>
        Failures.Where(failed => failed.Event.Number > before.Head);
}
