using System.Globalization;
using Muster.Broker;
using Muster.Client;
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
    private const int Puts = 40;
    private const string Raised = "the machine runs at version 2";

    private readonly Dictionary<string, long> _written = new(StringComparer.Ordinal);

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
        await PutAsync(client, "old");

        foreach (var process in cluster.Nodes.Concat(cluster.Replicas))
        {
            await ReplaceAsync(process, build: null);
            await locks.MoreCyclesAsync(1, MusterCluster.Patience);
        }
        await ReplaceAsync(first, newer);
        await PutAsync(client, "mixed");
        first.Process.Output().ShouldNotContain(Raised, Case.Sensitive, "one replica lacks that version");

        await ReplaceAsync(last, newer);
        await first.Process.WaitForLineAsync(Raised, MusterCluster.Patience);
        await last.Process.WaitForLineAsync(Raised, MusterCluster.Patience);
        await PutAsync(client, "new");

        // The old build comes back: it says what is wrong with it, and takes no part.
        await last.StopAsync();
        last.OtherBuild = null;
        await last.StartAsync();
        await last.Process.WaitForLineAsync("upgrade this replica", MusterCluster.Patience);
        await PutAsync(client, "alone");
        (await last.IsReadyAsync()).ShouldBeFalse();

        await ReplaceAsync(last, newer);
        await HasEachOnceAsync(client);
        await config.EndAsync();
        await locks.EndAsync();
    }

    private static async Task ReplaceAsync(Service process, string? build)
    {
        await process.StopAsync();
        process.OtherBuild = build;
        await MusterCluster.StartAsync(process);
    }

    private async Task PutAsync(MusterClient client, string phase)
    {
        for (var number = 0; number < Puts; number++)
        {
            var key = $"upgrade/{phase}/{number.ToString(CultureInfo.InvariantCulture)}";
            _written.Add(key, await client.Config.PutAsync(key, phase, 0, Cancellation));
        }
    }

    /// <summary>
    /// What was lost has no version, and what was done twice another than its writer heard.
    /// </summary>
    private async Task HasEachOnceAsync(MusterClient client)
    {
        foreach (var (key, version) in _written)
        {
            (await client.Config.GetAsync(key, Cancellation)).ShouldNotBeNull(key)
                .Version.ShouldBe(version, key);
        }
    }

    public sealed class UpgradedStack(BrokerFixture brokers)
        : Stack(brokers, new ClusterOptions { Registries = 2 });
}
