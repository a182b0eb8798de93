using Muster.Broker;
using Muster.Cluster;
using Muster.Cluster.Load;
using Xunit;

namespace Muster.Coordination.Tests.Upgrades;

/// <summary>
/// The nodes get another protocol between them in two turns, one node at a time, while locks are acquired and
/// configuration is written: builds that understand it first, and then builds that speak it.
/// </summary>
public sealed class NodeUpgradeTests(NodeUpgradeTests.UpgradedNodes stack)
    : IClassFixture<NodeUpgradeTests.UpgradedNodes>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_of_three_builds_agree_as_long_as_each_understands_what_the_others_speak()
    {
        var cluster = await stack.WholeAsync();
        await using var locks = await LockLoad.StartAsync(cluster);
        await using var config = await ConfigLoad.StartAsync(cluster);
        await using var client = cluster.NewClient("puts");
        var puts = new VersionedPuts(client);
        await puts.WriteAsync("old", Cancellation);

        foreach (var speaksNewer in new[] { false, true })
        {
            var newer = NewerBuild.OfConsensus(speaksNewer);
            foreach (var node in cluster.Nodes)
            {
                await node.ReplaceAsync(newer);
                await locks.MoreCyclesAsync(1, MusterCluster.Patience);
            }
            await puts.WriteAsync(speaksNewer ? "spoken" : "understood", Cancellation);
        }

        var last = cluster.Nodes[^1];
        await last.ComeBackAsync("speaks protocol 2", puts, Cancellation);
        await last.ReplaceAsync(NewerBuild.OfConsensus(speaksNewer: true));
        await puts.CheckAsync(Cancellation);
        await config.EndAsync();
        await locks.EndAsync();
    }

    public sealed class UpgradedNodes(BrokerFixture brokers) : Stack(
        brokers, new ClusterOptions { Registries = 1 });
}
