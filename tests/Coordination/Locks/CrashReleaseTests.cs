using Muster.Broker;
using Muster.Client;
using Muster.Cluster;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Coordination.Tests.Detector;
using Muster.Worker;
using Shouldly;
using Xunit;

namespace Muster.Coordination.Tests.Locks;

/// <summary>
/// What becomes of the locks of processes that are killed, and of those whose broker lets go of everybody.
/// </summary>
public sealed class CrashReleaseTests(CrashReleaseTests.DetectedStack stack)
    : IClassFixture<CrashReleaseTests.DetectedStack>
{
    private const int Kills = 7;

    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(15);

    // Within a second as a rule; the machine may be slow.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(3);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_lock_of_a_killed_process_is_the_next_ones_within_a_second_or_so()
    {
        var cluster = await stack.WholeAsync();
        await using var client = cluster.NewClient("waiter");
        await using var events = await new EventRecorder(cluster)
            .On<LockLost>(lost => lost.Event).StartAsync();
        var took = new List<TimeSpan>();
        for (var kill = 1; kill <= Kills; kill++)
        {
            var name = $"crash/{kill}";
            await using var holder = await WorkerProcess.StartHolderAsync(
                cluster, $"crash-{kill}", name, Ttl);
            var token = WorkerProcess.HeldBy(holder).Token;
            var waiting = await WaitInLineAsync(client, name);

            var killed = TimeProvider.System.GetTimestamp();
            holder.Kill9();
            await using var next = await waiting;
            took.Add(TimeProvider.System.GetElapsedTime(killed));

            next.FencingToken.Value.ShouldBeGreaterThan(token);
            (await events.FirstAsync<LockLost>(lost => lost.Name == name, MusterCluster.Patience))
                .Event.Cause.ShouldBe("SessionCrashed");
        }

        took.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"TTL {Ttl}: the next one's after SIGKILL: median {took[Kills / 2].TotalMilliseconds:F0} ms of "
            + string.Join(", ", took.Select(one => $"{one.TotalMilliseconds:F0}")) + " ms");
        took[^1].ShouldBeLessThan(Bound);
    }

    [Fact]
    public async Task A_process_that_refuses_it_keeps_its_lock_for_the_TTL()
    {
        var ttl = TimeSpan.FromSeconds(9);
        var cluster = await stack.WholeAsync();
        await using var client = cluster.NewClient("waiter");
        await using var events = await new EventRecorder(cluster)
            .On<NodeFailed>(failed => failed.Event).On<LockLost>(lost => lost.Event).StartAsync();
        await using var holder = await WorkerProcess.StartHolderAsync(
            cluster, "keeps", "keeps/it", ttl, crashRelease: false);
        var waiting = await WaitInLineAsync(client, "keeps/it");

        var killed = TimeProvider.System.GetTimestamp();
        holder.Kill9();
        var verdict = await events.FirstAsync<NodeFailed>(
            failed => failed.Node == holder.Name, MusterCluster.Patience);
        verdict.Event.Cause.ShouldBe(FailureCause.Dead);
        await using var next = await waiting;

        // The last renewal may be a third of a TTL old at the kill, and more on a slow machine.
        TimeProvider.System.GetElapsedTime(killed).ShouldBeGreaterThan(Bound);
        (await events.FirstAsync<LockLost>(lost => lost.Name == "keeps/it", MusterCluster.Patience))
            .Event.Cause.ShouldBe("SessionExpired");
    }

    /// <summary>Connections are closed in the midst of beats, as if everybody had crashed.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nobody_loses_a_lock_when_the_broker_lets_go_of_everybody(bool restarts)
    {
        var cluster = await stack.WholeAsync();
        var suffix = restarts ? "restart" : "close";
        var ttl = TimeSpan.FromMinutes(2);
        await using var one = await WorkerProcess.StartHolderAsync(
            cluster, $"one-{suffix}", $"{suffix}/1", ttl);
        await using var two = await WorkerProcess.StartHolderAsync(
            cluster, $"two-{suffix}", $"{suffix}/2", ttl);
        var before = await VerdictLog.ReadAsync(cluster);

        if (restarts)
        {
            await cluster.Broker.StopAsync();
            await cluster.Broker.StartAsync();
        }
        else
        {
            await cluster.Broker.RabbitmqctlAsync("close_all_connections", "test");
        }

        await Task.WhenAll(cluster.Services.Select(service => service.ReadyAsync(MusterCluster.Patience)));
        await using var client = cluster.NewClient("look");
        foreach (var (holder, name) in new[] { (one, $"{suffix}/1"), (two, $"{suffix}/2") })
        {
            await AliveAsync(cluster, holder.Name);
            (await client.Locks.DescribeAsync(name, Cancellation)).Holders.ShouldHaveSingleItem()
                .FencingToken.Value.ShouldBe(WorkerProcess.HeldBy(holder).Token);
            holder.Output().ShouldNotContain(HolderLine.Lost);
        }
        (await VerdictLog.ReadAsync(cluster)).FailuresAfter(before)
            .Where(failed => failed.Node == one.Name || failed.Node == two.Name).ShouldBeEmpty();
    }

    private static async Task<Task<ILockHandle>> WaitInLineAsync(MusterClient client, string name)
    {
        var waiting = client.Locks.AcquireAsync(name, MusterCluster.Patience, Cancellation).AsTask();
        await Until.TrueAsync(
            async () => (await client.Locks.DescribeAsync(name, Cancellation)).Waiters.Count == 1,
            MusterCluster.Patience, () => $"nobody waits for {name}");
        return waiting;
    }

    /// <summary>A detector that judges has heard it lately: what was to be said against it is said.</summary>
    private static Task AliveAsync(MusterCluster cluster, string node) => Until.TrueAsync(
        async () =>
        {
            var seen = (await Stack.AskAsync(
                cluster, new DescribeNodes { CommandId = Guid.NewGuid().ToString("N"), Node = node }))
                .Read<NodesDescribed>();
            return seen.IsJudging && seen.Nodes is
                [{ Status: NodeStatus.Alive, SilenceMilliseconds: < 1_000 }];
        },
        MusterCluster.Patience, () => $"{node} is not heard");

    public sealed class DetectedStack(BrokerFixture brokers)
        : Stack(brokers, new ClusterOptions { Detectors = 3, LockGroups = 2 });
}
