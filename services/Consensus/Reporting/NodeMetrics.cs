using Muster.Contracts.Consensus;
using Muster.Hosting;

namespace Muster.Consensus.Reporting;

/// <summary>A node's part in each of its groups, as numbers.</summary>
internal static class NodeMetrics
{
    public static IReadOnlyList<Metric> All { get; } =
    [
        GroupMetrics.Term, GroupMetrics.CommitIndex, GroupMetrics.LastIndex, GroupMetrics.IsLeader,
        GroupMetrics.Elections,
    ];

    public static IEnumerable<MetricReading> Of(NodeStatus status) =>
        status.Groups.SelectMany(group => Of(status, group));

    private static IEnumerable<MetricReading> Of(NodeStatus status, GroupDescription group)
    {
        var (name, node) = (group.Group, status.Node);
        return
        [
            GroupMetrics.Of(GroupMetrics.Term, name, node, group.Term.Value),
            GroupMetrics.Of(GroupMetrics.CommitIndex, name, node, group.CommitIndex.Value),
            GroupMetrics.Of(GroupMetrics.LastIndex, name, node, group.LastIndex.Value),
            GroupMetrics.Of(GroupMetrics.IsLeader, name, node, group.Role == RaftRole.Leader ? 1 : 0),
            GroupMetrics.Of(GroupMetrics.Elections, name, node, status.ElectionsWon.GetValueOrDefault(name)),
        ];
    }
}
