using Muster.Broker;
using Muster.Cluster;
using Muster.Cluster.Load;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Faults;

/// <summary>A consensus node that was away while the others went on.</summary>
public sealed class MissedEntriesTests(BrokerFixture brokers)
{
    [Fact]
    public async Task A_node_that_missed_more_than_the_log_keeps_comes_back_by_a_snapshot_and_counts_again()
    {
        var options = new ClusterOptions
        {
            Consensus = new Dictionary<string, string> { ["Consensus__Raft__TrailingEntries"] = "20" },
            Lock = new Dictionary<string, string> { ["Lock__SnapshotEveryEntries"] = "50" },
        };
        await using var cluster = await MusterCluster.StartAsync(
            await brokers.SharedAsync(), brokers.NewCluster(), options);
        await using var load = await LockLoad.StartAsync(cluster);
        var missing = await cluster.FollowerAsync();
        await missing.KillAsync();
        var last = (await ConsensusReport.AskAsync(await cluster.LeaderAsync()))!.LastIndex;

        ConsensusReport? leader = null;
        await Until.TrueAsync(
            async () =>
            {
                leader = await ConsensusReport.AskAsync(await cluster.LeaderAsync());
                return leader?.FirstIndex > last + 1;
            },
            MusterCluster.Patience, () => $"the log of {leader} drops all up to {last}");
        await MusterCluster.StartAsync(missing);
        await cluster.CaughtUpAsync(missing, MusterCluster.Patience);

        (await ConsensusReport.AskAsync(missing))!.FirstIndex.ShouldBeGreaterThan(last);
        // Without it there is no majority from here on: what it took by snapshot has to be good.
        await cluster.Nodes.First(node => node != missing).KillAsync();
        await load.MoreCyclesAsync(10, MusterCluster.Patience);
        // A replica that starts now begins with a snapshot as well.
        await cluster.Replicas[0].KillAsync();
        await MusterCluster.StartAsync(cluster.Replicas[0]);
        await cluster.Replicas[1].KillAsync();
        await load.MoreCyclesAsync(10, MusterCluster.Patience);
        await load.EndAsync();
    }
}
