using Muster.Hosting;
using Muster.Replication;

namespace Muster.Serving;

/// <summary>A replica's place in its group's log, as numbers.</summary>
internal static class ReplicaMetrics
{
    public static IReadOnlyList<Metric> All { get; } =
    [
        GroupMetrics.Term, GroupMetrics.CommitIndex, GroupMetrics.AppliedIndex,
        GroupMetrics.PendingCommands, GroupMetrics.InflightProposals,
    ];

    public static IEnumerable<MetricReading> Of(ReplicaStatus status)
    {
        var (group, view) = (status.Group, status.View);
        // The replica's name without its incarnation: a new series per start would pile up in a collector.
        var member = status.Origin.Split('.')[0];
        return
        [
            GroupMetrics.Of(GroupMetrics.Term, group, member, view.Term.Value),
            GroupMetrics.Of(GroupMetrics.CommitIndex, group, member, view.CommitIndex.Value),
            GroupMetrics.Of(GroupMetrics.AppliedIndex, group, member, view.AppliedIndex.Value),
            GroupMetrics.Of(GroupMetrics.PendingCommands, group, member, view.WaitingCommands),
            GroupMetrics.Of(GroupMetrics.InflightProposals, group, member, view.InflightProposals),
        ];
    }
}
