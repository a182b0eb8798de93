using Muster.Broker;
using Muster.Cluster;
using Muster.Cluster.Load;
using Shouldly;
using Xunit;

namespace Muster.Coordination.Tests.Upgrades;

/// <summary>
/// Every process is stopped and started again, one at a time, the registry's as a later build whose machine
/// has version 2, while locks are acquired and configuration is written.
/// </summary>
public sealed class RollingUpgradeTests(RollingUpgradeTests.UpgradedStack stack)
    : IClassFixture<RollingUpgradeTests.UpgradedStack>
{
    private const string Raised = "the machine runs at version 2";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Old_and_new_builds_run_side_by_side_and_nothing_is_lost_or_done_twice()
    {
        var cluster = await stack.WholeAsync();
        var (first, last) = (cluster.Registries[0], cluster.Registries[1]);
        var newer = NewerBuild.OfRegistry();
        await using var locks = await LockLoad.StartAsync(cluster);
        await using var config = await ConfigLoad.StartAsync(cluster);
        await using var client = cluster.NewClient("puts");
        var puts = new VersionedPuts(client);
        await puts.WriteAsync("old", Cancellation);

        foreach (var process in cluster.Nodes.Concat(cluster.Replicas))
        {
            await process.ReplaceAsync(build: null);
            await locks.MoreCyclesAsync(1, MusterCluster.Patience);
        }
        await first.ReplaceAsync(newer);
        await puts.WriteAsync("mixed", Cancellation);
        first.Process.Output().ShouldNotContain(Raised, Case.Sensitive, "one replica lacks that version");

        await last.ReplaceAsync(newer);
        await first.Process.WaitForLineAsync(Raised, MusterCluster.Patience);
        await last.Process.WaitForLineAsync(Raised, MusterCluster.Patience);
        await puts.WriteAsync("new", Cancellation);

        await last.ComeBackAsync("upgrade this replica", puts, Cancellation);
        await last.ReplaceAsync(newer);
        await puts.CheckAsync(Cancellation);
        await config.EndAsync();
        await locks.EndAsync();
    }

    public sealed class UpgradedStack(BrokerFixture brokers)
        : Stack(brokers, new ClusterOptions { Registries = 2 });
}
