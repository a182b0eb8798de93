using Muster.Broker;
using Muster.Cluster;
using Muster.Cluster.Load;
using Muster.Cluster.Wire;
using Muster.Contracts.Lock;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Faults;

/// <summary>kill -9 of services while locks are taken and given back.</summary>
public sealed class KilledServiceTests(BrokerFixture brokers, SharedCluster shared)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killing_the_consensus_leader_loses_and_doubles_nothing()
    {
        var cluster = await shared.WholeAsync(brokers);
        await using var load = await LockLoad.StartAsync(cluster);
        var leader = await cluster.LeaderAsync();

        await leader.KillAsync();

        await load.MoreCyclesAsync(20, MusterCluster.Patience);
        (await cluster.LeaderAsync(otherThan: leader)).ShouldNotBe(leader);
        await load.EndAsync();
    }

    [Fact]
    public async Task Killing_a_follower_loses_and_doubles_nothing_and_it_catches_up()
    {
        var cluster = await shared.WholeAsync(brokers);
        await using var load = await LockLoad.StartAsync(cluster);
        var leader = await cluster.LeaderAsync();
        var follower = await cluster.FollowerAsync();

        await follower.KillAsync();

        await load.MoreCyclesAsync(20, MusterCluster.Patience);
        (await cluster.LeaderAsync()).ShouldBe(leader, "a follower's death is no reason for an election");
        await follower.StartAsync();
        await cluster.CaughtUpAsync(follower, MusterCluster.Patience);
        await load.EndAsync();
    }

    [Fact]
    public async Task Killing_a_lock_replica_loses_and_doubles_nothing()
    {
        var cluster = await shared.WholeAsync(brokers);
        await using var load = await LockLoad.StartAsync(cluster);

        await cluster.Replicas[0].KillAsync();
        await load.MoreCyclesAsync(20, MusterCluster.Patience);
        await MusterCluster.StartAsync(cluster.Replicas[0]);
        await cluster.Replicas[1].KillAsync();

        await load.MoreCyclesAsync(20, MusterCluster.Patience);
        await load.EndAsync();
    }

    /// <summary>
    /// The waiters' acquires were acknowledged to the broker when they were queued, so only the machine knows
    /// of them: the surviving replica owes them their grants. One waits through the client, which would
    /// notice a lost grant at its next heartbeat; the other as bare JSON, which has nothing but the answer.
    /// </summary>
    [Fact]
    public async Task A_waiter_whose_acquire_was_taken_by_a_killed_replica_still_gets_its_grant()
    {
        const string Name = "waiters/killed";
        var cluster = await shared.WholeAsync(brokers);
        await cluster.Replicas[1].StopAsync();
        await using var client = cluster.NewClient("client");
        await using var bare = await BareClient.ConnectAsync(cluster);
        var holder = await client.Locks.AcquireAsync(Name, cancellationToken: Cancellation);
        var waiting = client.Locks.AcquireAsync(Name, cancellationToken: Cancellation).AsTask();
        await UntilWaitersAsync(1);
        await bare.AskAsync(new OpenSession { CommandId = "s-open", SessionId = bare.SessionId });
        var queued = await bare.AskAsync(
            new AcquireLock
            {
                CommandId = "a-bare",
                SessionId = bare.SessionId,
                Name = Name,
                WaitMilliseconds = 60_000,
            });
        queued.Read<LockQueued>().Ahead.ShouldBe(1);

        await MusterCluster.StartAsync(cluster.Replicas[1]);
        await cluster.Replicas[0].KillAsync();
        await holder.DisposeAsync();

        var second = await waiting.WaitAsync(MusterCluster.Patience, TimeProvider.System, Cancellation);
        second.FencingToken.ShouldBeGreaterThan(holder.FencingToken);
        await second.DisposeAsync();
        var granted = (await bare.NextAsync("a-bare")).Read<LockGranted>();
        granted.FencingToken.ShouldBeGreaterThan(second.FencingToken);
        (await bare.AskAsync(new ReleaseLock
        {
            CommandId = "r-bare",
            SessionId = bare.SessionId,
            Name = Name,
            AcquireId = "a-bare",
            FencingToken = granted.FencingToken,
        })).Read<LockReleased>().Name.ShouldBe(Name);

        Task UntilWaitersAsync(int count) => Until.TrueAsync(
            async () => (await client.Locks.DescribeAsync(Name, Cancellation)).WaiterCount == count,
            MusterCluster.Patience, () => $"{count} waiters of {Name}");
    }

    [Fact]
    public async Task All_processes_killed_at_once_come_back_with_every_lock()
    {
        const string Name = "kept/over-a-restart";
        var cluster = await shared.WholeAsync(brokers);
        await using var load = await LockLoad.StartAsync(
            cluster, new LoadOptions { Ttl = TimeSpan.FromSeconds(30) });
        await using var client = cluster.NewClient("keeper", TimeSpan.FromMinutes(1));
        await using var held = await client.Locks.AcquireAsync(Name, cancellationToken: Cancellation);
        var waiting = client.Locks.AcquireAsync(Name, cancellationToken: Cancellation).AsTask();
        await Until.TrueAsync(
            async () => (await client.Locks.DescribeAsync(Name, Cancellation)).WaiterCount == 1,
            MusterCluster.Patience, () => "a waiter");

        await Task.WhenAll(cluster.Services.Select(service => service.KillAsync()));
        await cluster.BeWholeAsync();

        held.IsLost.ShouldBeFalse();
        var description = await client.Locks.DescribeAsync(Name, Cancellation);
        description.Holders.ShouldHaveSingleItem().FencingToken.ShouldBe(held.FencingToken);
        await held.DisposeAsync();
        await using var next = await waiting.WaitAsync(
            MusterCluster.Patience, TimeProvider.System, Cancellation);
        next.FencingToken.ShouldBeGreaterThan(held.FencingToken);
        await load.MoreCyclesAsync(20, MusterCluster.Patience);
        await load.EndAsync();
    }
}
