using System.Globalization;
using Muster.Broker;
using Muster.Cluster;
using Muster.Contracts.Detector;
using Muster.Contracts.Recovery;
using Muster.Worker;
using Shouldly;
using Xunit;

namespace Muster.Coordination.Tests.Recovery;

/// <summary>Recovery replicas are killed at random moments of one recovery after the other.</summary>
public sealed class RecoveryReplicaDeathTests(RecoveryReplicaDeathTests.RecoveryStack stack)
    : IClassFixture<RecoveryReplicaDeathTests.RecoveryStack>
{
    private const int Recoveries = 10;
    private const string Group = "chaos";
    private const int LatestKillMilliseconds = 120;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Random _random = new(20_261_124);

    [Fact]
    public async Task Every_recovery_finishes_with_one_promotion_in_each_epoch()
    {
        var cluster = await stack.WholeAsync();
        await using var events = await new EventRecorder(cluster)
            .On<NodeFailed>(failed => failed.Event).On<RecoveryCompleted>(completed => completed.Event)
            .StartAsync();
        var members = new Dictionary<string, ServiceProcess>(StringComparer.Ordinal);
        try
        {
            for (var number = 1; number <= 3; number++)
            {
                await JoinAsync(cluster, members, number);
            }
            for (var round = 1; round <= Recoveries; round++)
            {
                await RecoverAsync(cluster, events, members);
                await JoinAsync(cluster, members, 3 + round);
            }
        }
        finally
        {
            foreach (var member in members.Values)
            {
                await member.DisposeAsync();
            }
        }
        Judge(await ReadLogAsync(cluster));
    }

    private static async Task JoinAsync(
        MusterCluster cluster, Dictionary<string, ServiceProcess> members, int number)
    {
        var name = $"chaos-{number.ToString(CultureInfo.InvariantCulture)}";
        members[name] = await WorkerProcess.StartStandbyAsync(cluster, name, Group, Pause);
    }

    private async Task RecoverAsync(
        MusterCluster cluster, EventRecorder events, Dictionary<string, ServiceProcess> members)
    {
        var primary = (await GroupAsync(cluster)).Primary;
        members.Remove(primary, out var process).ShouldBeTrue($"'{primary}' leads");
        process!.Kill9();
        await events.FirstAsync<NodeFailed>(failed => failed.Node == primary, MusterCluster.Patience);
        var victims = _random.Next(3) == 0
            ? cluster.Recoveries
            : [cluster.Recoveries[_random.Next(cluster.Recoveries.Count)]];
        await Task.Delay(
            TimeSpan.FromMilliseconds(_random.Next(LatestKillMilliseconds)), TimeProvider.System);
        await Task.WhenAll(victims.Select(victim => victim.KillAsync()));
        await MusterCluster.StartAsync(victims);
        await Until.TrueAsync(
            async () => await ReadLogAsync(cluster) is var log
                && log.Count(item => item.RecoveryCompleted is not null)
                == log.Count(item => item.RecoveryStarted is not null)
                && log.Any(item => item.RecoveryStarted?.FailedMember == primary),
            MusterCluster.Patience, () => $"the recovery of {primary} finishes");
        await process.DisposeAsync();
    }

    private static void Judge(IReadOnlyList<RecoveryEvent> log)
    {
        var started = log.Select(item => item.RecoveryStarted).OfType<RecoveryStarted>().ToList();
        var promoted = log.Select(item => item.StandbyPromoted).OfType<StandbyPromoted>()
            .Where(item => item.RecoveryId.Length > 0).ToList();
        var completed = log.Select(item => item.RecoveryCompleted).OfType<RecoveryCompleted>().ToList();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{started.Count} recoveries, {promoted.Count} promotions, {completed.Count} completed");

        log.ShouldNotContain(item => item.RecoveryFailed != null);
        started.Count.ShouldBe(Recoveries);
        promoted.Select(item => item.GroupEpoch).ShouldBe(
            [.. Enumerable.Range(0, promoted.Count).Select(i => promoted[0].GroupEpoch + i)],
            "one promotion in each epoch, and no epoch without");
        promoted.Select(item => item.RecoveryId).ShouldBe([.. started.Select(item => item.RecoveryId)]);
        completed.Select(item => (item.RecoveryId, item.Primary, item.GroupEpoch)).ShouldBe(
            [.. promoted.Select(item => (item.RecoveryId, item.Member, item.GroupEpoch))]);
    }

    private static async Task<StandbyGroup> GroupAsync(MusterCluster cluster) =>
        (await Stack.AskAsync(
            cluster, new RecoverState { CommandId = Guid.NewGuid().ToString("N"), Group = Group }))
        .Read<StateRecovered>().Group;

    private static async Task<IReadOnlyList<RecoveryEvent>> ReadLogAsync(MusterCluster cluster)
    {
        var events = new List<RecoveryEvent>();
        while (true)
        {
            var read = (await Stack.AskAsync(cluster, new ReadRecoveryEvents
            {
                CommandId = Guid.NewGuid().ToString("N"),
                FromNumber = events.Count + 1,
            })).Read<RecoveryEventsRead>();
            read.IsTrimmed.ShouldBeFalse();
            events.AddRange(read.Events);
            if (events.Count >= read.Head)
            {
                return events;
            }
        }
    }

    public sealed class RecoveryStack(BrokerFixture brokers)
        : Stack(brokers, new ClusterOptions { Detectors = 3, Recoveries = 2 });
}
