using Muster.Broker;
using Muster.Cluster;
using Muster.Contracts.Detector;
using Muster.Contracts.Recovery;
using Muster.Recovery.Executing;
using Shouldly;
using Xunit;

namespace Muster.Coordination.Tests.Recovery;

/// <summary>Recovery replicas are killed while they recover a group whose primary was killed.</summary>
public sealed class RecoveryReplicaDeathTests(RecoveryReplicaDeathTests.RecoveryStack stack)
    : IClassFixture<RecoveryReplicaDeathTests.RecoveryStack>
{
    private const int Recoveries = 6;
    private const int LatestKillMilliseconds = 120;

    private readonly Random _random = new(20_261_124);

    [Fact]
    public async Task Every_recovery_finishes_with_one_promotion_in_each_epoch()
    {
        var cluster = await stack.WholeAsync();
        await using var events = await new EventRecorder(cluster)
            .On<NodeFailed>(failed => failed.Event).StartAsync();
        await using var group = await StandbyMembers.JoinAsync(cluster, "chaos", 3);

        for (var round = 1; round <= Recoveries; round++)
        {
            var primary = await group.PrimaryAsync();
            await group.KillAsync(primary);
            await events.FirstAsync<NodeFailed>(failed => failed.Node == primary, MusterCluster.Patience);
            var victims = _random.Next(3) == 0
                ? cluster.Recoveries
                : [cluster.Recoveries[_random.Next(cluster.Recoveries.Count)]];
            await Task.Delay(
                TimeSpan.FromMilliseconds(_random.Next(LatestKillMilliseconds)), TimeProvider.System,
                TestContext.Current.CancellationToken);
            await Task.WhenAll(victims.Select(victim => victim.KillAsync()));
            await MusterCluster.StartAsync(victims);
            await group.RecoveredAsync(primary);
            await group.JoinAsync();
        }

        Judge(await group.ReadLogAsync(), Recoveries);
    }

    /// <summary>
    /// One recovery, worked on by one replica after the other; each is killed one point further on, and what
    /// the first ones had done must neither be lost nor undone by the last.
    /// </summary>
    [Fact]
    public async Task A_recovery_whose_replicas_die_between_every_two_steps_is_finished_once()
    {
        var cluster = await stack.WholeAsync();
        await using var group = await StandbyMembers.JoinAsync(cluster, "steps", 2);
        var primary = await group.PrimaryAsync();
        foreach (var replica in cluster.Recoveries)
        {
            await replica.KillAsync();
        }

        await group.KillAsync(primary);
        foreach (var point in ExecutionPoints.All)
        {
            await using var mortal = WorkerProcess.StartMortalRecovery(cluster, cluster.Recoveries[0], point);
            (await mortal.ExitAsync(MusterCluster.Patience)).ShouldBe(
                ServiceProcess.KilledExitCode, $"{point}:\n{mortal.Output()}");
        }
        await MusterCluster.StartAsync(cluster.Recoveries);
        await group.RecoveredAsync(primary);

        Judge(await group.ReadLogAsync(), 1);
    }

    private static void Judge(IReadOnlyList<RecoveryEvent> log, int recoveries)
    {
        var started = log.Select(item => item.RecoveryStarted).OfType<RecoveryStarted>().ToList();
        var promoted = log.Select(item => item.StandbyPromoted).OfType<StandbyPromoted>()
            .Where(item => item.RecoveryId.Length > 0).ToList();
        var completed = log.Select(item => item.RecoveryCompleted).OfType<RecoveryCompleted>().ToList();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{started.Count} recoveries, {promoted.Count} promotions, {completed.Count} completed");

        log.ShouldNotContain(item => item.RecoveryFailed != null);
        started.Count.ShouldBe(recoveries);
        promoted.Select(item => item.GroupEpoch).ShouldBe(
            [.. Enumerable.Range(0, promoted.Count).Select(i => promoted[0].GroupEpoch + i)],
            "one promotion in each epoch, and no epoch without");
        promoted.Select(item => item.RecoveryId).ShouldBe([.. started.Select(item => item.RecoveryId)]);
        completed.Select(item => (item.RecoveryId, item.Primary, item.GroupEpoch)).ShouldBe(
            [.. promoted.Select(item => (item.RecoveryId, item.Member, item.GroupEpoch))]);
    }

    public sealed class RecoveryStack(BrokerFixture brokers)
        : Stack(brokers, new ClusterOptions { Detectors = 3, Recoveries = 2 });
}
