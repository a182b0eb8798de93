using Muster.Broker;
using Muster.Cluster;
using Muster.Cluster.Load;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Faults;

/// <summary>
/// Nodes whose packets are dropped: the broker keeps their connections and says nothing, so no hint comes and
/// nobody is told.
/// </summary>
public sealed class CutOffNodeTests(BrokerFixture brokers) : IAsyncLifetime
{
    /// <summary>The AMQP heartbeat: neither side may wait for it.</summary>
    private static readonly TimeSpan AmqpHeartbeat = TimeSpan.FromSeconds(10);

    private MusterCluster _cluster = null!;

    public async ValueTask InitializeAsync() =>
        _cluster = await MusterCluster.StartAsync(
            await brokers.SharedAsync(), brokers.NewCluster(),
            new ClusterOptions { HasCuttableWires = true });

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_leader_cut_off_is_replaced_and_is_back_as_packets_flow()
    {
        await using var load = await LockLoad.StartAsync(_cluster);
        var leader = await _cluster.LeaderAsync();

        leader.Wire.Cut();

        var next = await _cluster.LeaderAsync(otherThan: leader);
        next.ShouldNotBe(leader);
        await load.MoreCyclesAsync(10, MusterCluster.Patience);
        await Until.TrueAsync(
            async () => await ConsensusReport.AskAsync(leader) is { IsLeader: false },
            AmqpHeartbeat, () => $"{leader.Name} steps down alone");

        leader.Wire.Heal();
        await _cluster.CaughtUpAsync(leader, AmqpHeartbeat / 2);
        await load.MoreCyclesAsync(10, MusterCluster.Patience);
        await load.EndAsync();
    }

    /// <summary>
    /// The wire eats the close too: for the broker the dead process's connection and its exclusive queue live
    /// on while the next process of the same name connects.
    /// </summary>
    [Fact]
    public async Task A_node_started_again_is_not_kept_out_by_its_half_dead_old_connection()
    {
        await using var load = await LockLoad.StartAsync(_cluster);
        var follower = await _cluster.FollowerAsync();

        follower.Wire.Cut();
        await follower.KillAsync();
        follower.Wire.HealForNewConnections();
        var started = TimeProvider.System.GetTimestamp();
        await MusterCluster.StartAsync(follower);
        await _cluster.CaughtUpAsync(follower, AmqpHeartbeat);

        // The broker gives a silent connection up after two heartbeats at the earliest.
        TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(AmqpHeartbeat * 2);
        follower.Wire.OpenConnections.ShouldBeGreaterThan(3, "the broker still has the old ones");
        await load.MoreCyclesAsync(10, MusterCluster.Patience);
        await load.EndAsync();
    }
}
