namespace Muster.Hosting;

/// <summary>
/// What consensus nodes and replicas tell about a group's log, labelled with <c>group</c> and <c>member</c>.
/// </summary>
public static class GroupMetrics
{
    public static Metric Term { get; } = new(
        "muster.group.term", MetricKind.Gauge, "{term}", "The newest term this member knows.");

    public static Metric CommitIndex { get; } = new(
        "muster.group.commit_index", MetricKind.Gauge, "{entry}", "The last entry known to be committed.");

    public static Metric LastIndex { get; } = new(
        "muster.group.last_index", MetricKind.Gauge, "{entry}", "The last entry of this node's log.");

    public static Metric IsLeader { get; } = new(
        "muster.group.is_leader", MetricKind.Gauge, "1", "1 on the node that leads the group, else 0.");

    public static Metric Elections { get; } = new(
        "muster.group.elections", MetricKind.Counter, "{election}", "Elections that this node has won.");

    public static Metric AppliedIndex { get; } = new(
        "muster.group.applied_index", MetricKind.Gauge, "{entry}",
        "The last entry in this replica's machine.");

    public static Metric PendingCommands { get; } = new(
        "muster.group.pending_commands", MetricKind.Gauge, "{command}",
        "Commands that wait in this replica to be proposed.");

    public static Metric InflightProposals { get; } = new(
        "muster.group.inflight_proposals", MetricKind.Gauge, "{proposal}",
        "Proposals of this replica that are not applied yet.");

    /// <summary>A reading of one member of one group.</summary>
    public static MetricReading Of(Metric metric, string group, string member, long value) =>
        new(metric, value, new("group", group), new("member", member));
}
