using Muster.Broker;
using Muster.Cluster;
using Muster.Contracts.Detector;
using Shouldly;
using Xunit;

namespace Muster.Coordination.Tests.Detector;

/// <summary>
/// What three detector processes say of real processes that die, stand still, or cannot be heard.
/// </summary>
public sealed class NodeVerdictTests(NodeVerdictTests.DetectorStack stack)
    : IClassFixture<NodeVerdictTests.DetectorStack>
{
    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BrokerStall = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan DetectorPause = TimeSpan.FromSeconds(15);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_node_is_failed_once_and_within_seconds()
    {
        var cluster = await stack.WholeAsync();
        await using var nodes = await NodeSet.StartAsync(cluster, "killed", 3);
        await using var events = await new EventRecorder(cluster)
            .On<NodeFailed>(failed => failed.Event).StartAsync();
        var killed = nodes.Processes[0];
        var started = TimeProvider.System.GetTimestamp();

        killed.Kill9();

        var verdict = await events.FirstAsync<NodeFailed>(
            failed => failed.Node == killed.Name, MusterCluster.Patience);
        var took = TimeProvider.System.GetElapsedTime(started, verdict.At);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"NodeFailed {took.TotalMilliseconds:F0} ms after kill -9");
        took.ShouldBeLessThan(Promptly);
        verdict.Event.Cause.ShouldBe(FailureCause.Dead);
        verdict.Event.Detectors.Count.ShouldBeGreaterThanOrEqualTo(2);
        // Neither a detector's own death and return, nor the others' going on, makes it fail again.
        await cluster.Detectors[0].KillAsync();
        await MusterCluster.StartAsync(cluster.Detectors[0]);
        await nodes.AllAliveAsync(except: killed.Name);
        (await VerdictLog.ReadAsync(cluster)).Failures
            .Where(failed => nodes.Names.Contains(failed.Node)).ShouldHaveSingleItem()
            .Node.ShouldBe(killed.Name);
        events.Of<NodeFailed>().Count(recorded => recorded.Event.Node == killed.Name).ShouldBe(1);
    }

    [Fact]
    public async Task A_node_that_is_killed_while_every_detector_is_dead_is_failed_when_they_run_again()
    {
        var cluster = await stack.WholeAsync();
        await using var nodes = await NodeSet.StartAsync(cluster, "unseen", 3);
        await using var events = await new EventRecorder(cluster)
            .On<NodeFailed>(failed => failed.Event).StartAsync();
        foreach (var detector in cluster.Detectors)
        {
            await detector.KillAsync();
        }
        var killed = nodes.Processes[0];
        killed.Kill9();
        await killed.ExitAsync(MusterCluster.Patience);

        await MusterCluster.StartAsync(cluster.Detectors);

        var verdict = await events.FirstAsync<NodeFailed>(
            failed => failed.Node == killed.Name, MusterCluster.Patience);
        verdict.Event.Detectors.Count.ShouldBeGreaterThanOrEqualTo(2);
        await nodes.AllAliveAsync(except: killed.Name);
        (await VerdictLog.ReadAsync(cluster)).Failures
            .Where(failed => nodes.Names.Contains(failed.Node)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_process_that_is_killed_and_started_again_at_once_is_failed_and_its_successor_lives()
    {
        var cluster = await stack.WholeAsync();
        await using var nodes = await NodeSet.StartAsync(cluster, "again", 2);
        await using var events = await new EventRecorder(cluster)
            .On<NodeFailed>(failed => failed.Event).On<NodeRestored>(restored => restored.Event).StartAsync();

        nodes.Processes[0].Kill9();
        await using var successor = await WorkerProcess.StartNodeAsync(cluster, nodes.Names[0]);

        var failure = await events.FirstAsync<NodeFailed>(
            failed => failed.Node == nodes.Names[0], MusterCluster.Patience);
        var restored = await events.FirstAsync<NodeRestored>(
            news => news.Node == nodes.Names[0], MusterCluster.Patience);
        failure.Event.Cause.ShouldBe(FailureCause.Dead);
        restored.Event.Incarnation.ShouldNotBe(failure.Event.Incarnation);
        await nodes.AllAliveAsync();
        (await VerdictLog.ReadAsync(cluster)).Failures
            .Where(failed => nodes.Names.Contains(failed.Node)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_broker_that_stands_still_for_20_s_fails_nobody()
    {
        var cluster = await stack.WholeAsync();
        await using var nodes = await NodeSet.StartAsync(cluster, "stall", 3);
        var before = await VerdictLog.ReadAsync(cluster);

        await cluster.Broker.PauseAsync();
        await Task.Delay(BrokerStall, TimeProvider.System, Cancellation);
        await cluster.Broker.ResumeAsync();

        await nodes.AllAliveAsync();
        await Task.WhenAll(cluster.Services.Select(service => service.ReadyAsync(MusterCluster.Patience)));
        // Its own nodes and the services, whose names have a dot; nodes that an earlier test ended may yet be
        // given up.
        (await VerdictLog.ReadAsync(cluster)).FailuresAfter(before)
            .Where(failed => failed.Node.Contains('.') || nodes.Names.Contains(failed.Node)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_detector_that_stands_still_for_15_s_fails_no_node()
    {
        var cluster = await stack.WholeAsync();
        await using var nodes = await NodeSet.StartAsync(cluster, "judge", 3);
        var before = await VerdictLog.ReadAsync(cluster);

        cluster.Detectors[0].Pause();
        await Task.Delay(DetectorPause, TimeProvider.System, Cancellation);
        cluster.Detectors[0].Resume();

        await cluster.Detectors[0].ReadyAsync(MusterCluster.Patience);
        await nodes.AllAliveAsync();
        (await VerdictLog.ReadAsync(cluster)).FailuresAfter(before)
            .Where(failed => nodes.Names.Contains(failed.Node)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_node_that_stood_still_too_long_is_failed_and_restored_when_it_goes_on()
    {
        var cluster = await stack.WholeAsync();
        await using var nodes = await NodeSet.StartAsync(cluster, "still", 3);
        await using var events = await new EventRecorder(cluster)
            .On<NodeFailed>(failed => failed.Event).On<NodeRestored>(restored => restored.Event).StartAsync();
        var paused = nodes.Processes[0];
        var started = TimeProvider.System.GetTimestamp();

        paused.Pause();
        var failure = await events.FirstAsync<NodeFailed>(
            failed => failed.Node == paused.Name, MusterCluster.Patience);
        var resumed = TimeProvider.System.GetTimestamp();
        paused.Resume();

        var restored = await events.FirstAsync<NodeRestored>(
            news => news.Node == paused.Name && news.Was == NodeStatus.Failed, MusterCluster.Patience);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"NodeFailed {TimeProvider.System.GetElapsedTime(started, failure.At).TotalMilliseconds:F0} ms "
            + "after SIGSTOP, restored "
            + $"{TimeProvider.System.GetElapsedTime(resumed, restored.At).TotalMilliseconds:F0} "
            + "ms after SIGCONT");
        failure.Event.Cause.ShouldBe(FailureCause.Path, "the broker still has its connection");
        restored.Event.Incarnation.ShouldBe(failure.Event.Incarnation);
        TimeProvider.System.GetElapsedTime(resumed, restored.At).ShouldBeLessThan(Promptly);
        await nodes.AllAliveAsync();
        (await VerdictLog.ReadAsync(cluster)).Failures
            .Where(failed => nodes.Names.Contains(failed.Node)).ShouldHaveSingleItem();
    }

    public sealed class DetectorStack(BrokerFixture brokers)
        : Stack(brokers, new ClusterOptions { Detectors = 3 });
}
