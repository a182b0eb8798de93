using Muster.Contracts.Detector;
using Shouldly;
using Xunit;

namespace Muster.Detector.Tests;

public sealed class DetectionTests
{
    [Fact]
    public async Task A_silent_node_is_suspected_then_failed_once_and_restored_when_it_beats_again()
    {
        await using var cluster = await DetectorCluster.StartAsync();
        var node = await cluster.StartNodeAsync("worker");
        node.Gate.IsOpen = false;
        await cluster.UntilStatusAsync("worker", NodeStatus.Failed);
        var failed = await cluster.DescribeAsync("worker");
        failed!.Cause.ShouldBe(FailureCause.Path);
        failed.Against.Count.ShouldBeGreaterThanOrEqualTo(2);
        failed.SilenceMilliseconds.ShouldBeGreaterThan(1_500);
        failed.Phi.ShouldBeGreaterThan(8);
        await DetectorCluster.Until(
            () => cluster.Record("worker")!.Votes.Count(vote => vote.IsAgainst) == 3, "all three vote");

        node.Gate.IsOpen = true;
        await cluster.UntilStatusAsync("worker", NodeStatus.Alive);
        await DetectorCluster.Until(() => cluster.EventsOf("worker").Count >= 3, "three events");

        var incarnation = failed.Incarnation;
        cluster.EventsOf("worker").Select(line => string.Join(' ', line.Split(' ')[..3])).ShouldBe([
            $"suspected worker/{incarnation} Path", $"failed worker/{incarnation} Path",
            $"restored worker/{incarnation} Failed",
        ]);
        var read = await cluster.AskAsync(new ReadDetectorEvents { FromNumber = 1 });
        read.Events.Count(one => one.NodeFailed?.Node == "worker").ShouldBe(1);
        read.Head.ShouldBe(read.Events.Count);
        read.Freshness.Epoch.ShouldBeGreaterThan(1_600_000_000_000);
    }

    [Fact]
    public async Task A_closed_connection_is_found_long_before_silence_is()
    {
        var failAfter = TimeSpan.FromSeconds(30);
        await using var cluster = await DetectorCluster.StartAsync(failAfter);
        var node = await cluster.StartNodeAsync("worker");
        node.Gate.IsOpen = false;
        // What the broker's event exchange says on RabbitMQ; the bus in memory has none.
        var connection = node.Beats.Connection;
        connection.ShouldStartWith("node.worker.");
        foreach (var detector in cluster.Detectors.Values)
        {
            detector.Room.QueueDeleted(connection);
        }
        await cluster.UntilStatusAsync("worker", NodeStatus.Failed);
        var failed = await cluster.DescribeAsync("worker");
        failed!.Cause.ShouldBe(FailureCause.Dead);
        failed.SilenceMilliseconds.ShouldBeLessThan((long)failAfter.TotalMilliseconds);
    }

    [Fact]
    public async Task A_node_that_stops_on_purpose_has_left_and_failed_nobody()
    {
        await using var cluster = await DetectorCluster.StartAsync();
        var node = await cluster.StartNodeAsync("worker");
        var other = await cluster.StartNodeAsync("other");
        await node.Beats.StopAsync(TestContext.Current.CancellationToken);
        other.Gate.IsOpen = false;
        await cluster.UntilStatusAsync("other", NodeStatus.Failed);
        // The other's silence was longer than what fails, and began later.
        (await cluster.DescribeAsync("worker"))!.Status.ShouldBe(NodeStatus.Left);
        cluster.EventsOf("worker").ShouldBe([$"left worker/{cluster.Record("worker")!.Incarnation}"]);
    }

    [Fact]
    public async Task A_node_that_starts_anew_between_two_beats_is_given_up_once_and_lives_anew()
    {
        await using var cluster = await DetectorCluster.StartAsync();
        var old = await cluster.StartNodeAsync("worker");
        await cluster.UntilStatusAsync("worker", NodeStatus.Alive);
        var before = cluster.Record("worker")!.Incarnation;
        old.Gate.IsOpen = false;
        await cluster.StartNodeAsync("worker");
        await DetectorCluster.Until(() => cluster.EventsOf("worker").Count >= 2, "two events");
        // Another detector may have published them before the first has applied the entry.
        await DetectorCluster.Until(
            () => cluster.Record("worker")!.Incarnation != before, "the first detector knows it too");
        var after = cluster.Record("worker")!;
        after.Status.ShouldBe(NodeStatus.Alive);
        var failed = cluster.EventsOf("worker")[0];
        failed.ShouldStartWith($"failed worker/{before} Path d");
        cluster.EventsOf("worker")[1].ShouldBe($"restored worker/{after.Incarnation} Failed");

        // The old one was not dead after all, and goes on under the name that is another's now.
        old.Gate.IsOpen = true;
        var probe = await cluster.StartNodeAsync("probe");
        probe.Gate.IsOpen = false;
        await cluster.UntilStatusAsync("probe", NodeStatus.Failed);
        cluster.EventsOf("worker").Count.ShouldBe(2);
        (await cluster.DescribeAsync("worker"))!.ShouldSatisfyAllConditions(
            node => node.Incarnation.ShouldBe(after.Incarnation),
            node => node.Status.ShouldBe(NodeStatus.Alive),
            node => node.Against.ShouldBeEmpty());
        cluster.Doubles.ShouldContain(line => line.Contains("call themselves worker"));
    }

    [Fact]
    public async Task Two_live_nodes_of_one_name_make_no_verdicts_and_a_rare_complaint()
    {
        await using var cluster = await DetectorCluster.StartAsync();
        await cluster.StartNodeAsync("worker");
        await cluster.UntilStatusAsync("worker", NodeStatus.Alive);
        var first = cluster.Record("worker")!.Incarnation;
        await cluster.StartDoubleAsync("worker");
        await DetectorCluster.Until(() => cluster.Doubles.Count >= 3, "each detector complains");
        var probe = await cluster.StartNodeAsync("probe");
        probe.Gate.IsOpen = false;
        await cluster.UntilStatusAsync("probe", NodeStatus.Failed);
        cluster.EventsOf("worker").ShouldBeEmpty();
        cluster.Record("worker")!.Incarnation.ShouldBe(first);
        cluster.Doubles.Count.ShouldBe(3, "some dozens of such beats came, and a minute has not passed");
    }

    [Fact]
    public async Task A_new_incarnation_restores_a_failed_node_under_its_new_name()
    {
        await using var cluster = await DetectorCluster.StartAsync();
        var old = await cluster.StartNodeAsync("worker");
        old.Gate.IsOpen = false;
        await cluster.UntilStatusAsync("worker", NodeStatus.Failed);
        var before = cluster.Record("worker")!.Incarnation;
        await cluster.StartNodeAsync("worker");
        await cluster.UntilStatusAsync("worker", NodeStatus.Alive);
        var after = cluster.Record("worker")!.Incarnation;
        after.ShouldNotBe(before);
        await DetectorCluster.Until(() => cluster.EventsOf("worker").Count >= 3, "three events");
        cluster.EventsOf("worker")[^1].ShouldBe($"restored worker/{after} Failed");
        cluster.Record("worker")!.Past.ShouldBe([before]);
    }
}
