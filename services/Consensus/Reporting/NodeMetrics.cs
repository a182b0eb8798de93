using Muster.Contracts.Consensus;
using Muster.Hosting;

namespace Muster.Consensus.Reporting;

/// <summary>A node's part in each of its groups, as numbers.</summary>
internal static class NodeMetrics
{
    private static Metric Stalls { get; } = new(
        "muster.node.stalls", MetricKind.Counter, "{stall}",
        "Times in which the node's loop did not run, or its messages to itself did not come back, for "
        + "half an election timeout or more.");

    private static Metric RoundTrip { get; } = new(
        "muster.node.broker_round_trip", MetricKind.Gauge, "us",
        "What a message of the node to itself takes over the broker.");

    public static IReadOnlyList<Metric> All { get; } =
    [
        GroupMetrics.Term, GroupMetrics.CommitIndex, GroupMetrics.LastIndex, GroupMetrics.IsLeader,
        GroupMetrics.Elections, Stalls, RoundTrip,
    ];

    public static IEnumerable<MetricReading> Of(NodeStatus status)
    {
        var member = new KeyValuePair<string, object?>("member", status.Node);
        return
        [
            new(Stalls, status.LoopStalls, member, new("kind", nameof(StallKind.Loop))),
            new(Stalls, status.BrokerStalls, member, new("kind", nameof(StallKind.Broker))),
            new(RoundTrip, (long)(status.BrokerRoundTripMilliseconds * 1000), member),
            .. status.Groups.SelectMany(group => Of(status, group)),
        ];
    }

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
