using Muster.Contracts.Detector;
using Shouldly;
using Xunit;

namespace Muster.Detector.Tests;

public sealed class QuorumTests
{
    [Fact]
    public async Task A_detector_that_is_cut_off_votes_nothing_and_the_others_decide()
    {
        await using var cluster = await DetectorCluster.StartAsync();
        var node = await cluster.StartNodeAsync("worker");
        cluster.Gates["d3"].IsOpen = false;
        await DetectorCluster.Until(() => !cluster.Detectors["d3"].Room.IsHearing, "d3 hears itself no more");
        node.Gate.IsOpen = false;
        await cluster.UntilStatusAsync("worker", NodeStatus.Failed);
        cluster.Record("worker")!.Votes.Select(vote => vote.Detector).ShouldBe(["d1", "d2"]);
        await cluster.UntilStatusAsync("d3", NodeStatus.Failed);
        cluster.Detectors["d3"].Loop.IsReady.ShouldBeFalse();
        cluster.Detectors["d3"].Loop.Detail.ShouldStartWith("judges nobody");

        cluster.Gates["d3"].IsOpen = true;
        await cluster.UntilStatusAsync("d3", NodeStatus.Alive);
        await DetectorCluster.Until(() => cluster.Detectors["d3"].Loop.IsReady, "d3 judges again");
        cluster.Record("worker")!.Status.ShouldBe(NodeStatus.Failed);
    }

    /// <summary>Deaf to everybody, it must not call everybody dead when it hears again.</summary>
    [Fact]
    public async Task A_detector_that_was_cut_off_accuses_nobody_for_what_it_missed()
    {
        await using var cluster = await DetectorCluster.StartAsync();
        await cluster.StartNodeAsync("worker");
        cluster.Gates["d3"].IsOpen = false;
        await cluster.UntilStatusAsync("d3", NodeStatus.Failed);
        cluster.Gates["d3"].IsOpen = true;
        await cluster.UntilStatusAsync("d3", NodeStatus.Alive);
        await DetectorCluster.Until(() => cluster.Detectors["d3"].Loop.IsReady, "d3 judges again");
        // Longer than d3 was deaf for, by the beats of a node that it hears.
        var probe = await cluster.StartNodeAsync("probe");
        probe.Gate.IsOpen = false;
        await DetectorCluster.Until(
            () => cluster.Record("probe")?.VoteOf("d3")?.Status == NodeStatus.Failed, "d3 fails the probe");
        cluster.Record("worker")!.Status.ShouldBe(NodeStatus.Alive);
        cluster.Record("d1")!.Status.ShouldBe(NodeStatus.Alive);
        cluster.EventsOf("worker").ShouldBeEmpty();
    }

    [Fact]
    public async Task With_two_of_three_detectors_cut_off_nobody_fails()
    {
        await using var cluster = await DetectorCluster.StartAsync();
        var node = await cluster.StartNodeAsync("worker");
        cluster.Gates["d2"].IsOpen = false;
        cluster.Gates["d3"].IsOpen = false;
        node.Gate.IsOpen = false;
        await DetectorCluster.Until(
            () => cluster.Record("worker")?.VoteOf("d1")?.Status == NodeStatus.Failed, "d1 gives it up");
        await DetectorCluster.Until(
            () => cluster.Record("d2")?.VoteOf("d1")?.Status == NodeStatus.Failed, "d1 gives d2 up");
        cluster.Record("worker")!.Status.ShouldBe(NodeStatus.Suspected);
        (await cluster.DescribeAsync("worker"))!.Against.ShouldBe(["d1"]);
        cluster.Events.ShouldNotContain(line => line.StartsWith("failed", StringComparison.Ordinal));

        cluster.Gates["d2"].IsOpen = true;
        await cluster.UntilStatusAsync("worker", NodeStatus.Failed);
    }

    [Fact]
    public async Task A_detector_that_starts_after_a_node_died_still_makes_the_majority()
    {
        await using var cluster = await DetectorCluster.StartAsync();
        var node = await cluster.StartNodeAsync("worker");
        cluster.Gates["d2"].IsOpen = false;
        await cluster.Detectors["d3"].Served.DisposeAsync();
        node.Gate.IsOpen = false;
        await DetectorCluster.Until(
            () => cluster.Record("worker")?.VoteOf("d1")?.Status == NodeStatus.Failed, "d1 gives it up");
        await cluster.StartDetectorAsync("d3");
        await cluster.UntilStatusAsync("worker", NodeStatus.Failed);
        cluster.Record("worker")!.Votes.Select(vote => vote.Detector).ShouldBe(["d1", "d3"]);
    }

    /// <summary>The detectors that heard it are gone, and their log alone knows of it.</summary>
    [Fact]
    public async Task A_node_that_died_while_no_detector_ran_is_missed_and_one_that_left_is_not()
    {
        await using var cluster = await DetectorCluster.StartAsync();
        var dead = await cluster.StartNodeAsync("dead");
        var left = await cluster.StartNodeAsync("left");
        await cluster.StartNodeAsync("living");
        await cluster.UntilStatusAsync("dead", NodeStatus.Alive);
        await cluster.UntilStatusAsync("living", NodeStatus.Alive);
        await left.Beats.DisposeAsync();
        await cluster.UntilStatusAsync("left", NodeStatus.Left);
        await DetectorCluster.Until(() => cluster.EventsOf("left").Count > 0, "it is told");
        var incarnation = cluster.Record("dead")!.Incarnation;
        foreach (var name in DetectorCluster.Instances)
        {
            await cluster.Detectors[name].Served.DisposeAsync();
        }
        dead.Gate.IsOpen = false;
        foreach (var name in DetectorCluster.Instances)
        {
            await cluster.StartDetectorAsync(name);
        }

        await cluster.UntilStatusAsync("dead", NodeStatus.Failed);

        cluster.Record("dead")!.Incarnation.ShouldBe(incarnation);
        await DetectorCluster.Until(() => cluster.EventsOf("dead").Count >= 2, "it is told");
        cluster.EventsOf("dead").Count(line => line.StartsWith("failed", StringComparison.Ordinal))
            .ShouldBe(1);
        cluster.EventsOf("living").ShouldBeEmpty();
        cluster.EventsOf("left").Count.ShouldBe(1);
        cluster.Record("left")!.Status.ShouldBe(NodeStatus.Left);
    }

    [Fact]
    public async Task A_detector_with_another_list_of_detectors_ends_at_its_start()
    {
        await using var cluster = await DetectorCluster.StartAsync();
        await cluster.StartDetectorAsync("d4", options => options.Instances = ["d1", "d4"]);
        await DetectorCluster.Until(() => !cluster.Faults.IsEmpty, "d4 ends");
        cluster.Faults.ShouldHaveSingleItem().ShouldBe(
            "Detector:Instances is 'd1, d4', and the group detector was founded with 'd1, d2, d3'.");
    }

    [Fact]
    public async Task A_query_is_answered_with_verdicts_and_the_answering_detectors_measures()
    {
        await using var cluster = await DetectorCluster.StartAsync();
        await cluster.StartNodeAsync("worker");
        foreach (var name in DetectorCluster.Instances.Append("worker"))
        {
            await cluster.UntilStatusAsync(name, NodeStatus.Alive);
        }
        var all = await cluster.AskAsync(new DescribeNodes { CommandId = "q1" });
        (all.CommandId, all.Detector, all.IsJudging).ShouldBe(("q1", "d1", true));
        all.Nodes.Select(node => node.Node).ShouldBe(["d1", "d2", "d3", "worker"]);
        all.Nodes.ShouldAllBe(node => node.Status == NodeStatus.Alive && node.Cause == FailureCause.None);
        all.Freshness.ClusterId.ShouldBe("muster");
        (await cluster.AskAsync(new DescribeNodes { Node = "nobody" })).Nodes.ShouldBeEmpty();
    }
}
