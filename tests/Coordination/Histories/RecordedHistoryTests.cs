using Muster.Broker;
using Muster.Cluster;
using Muster.Cluster.Histories;
using Shouldly;
using Xunit;

namespace Muster.Coordination.Tests.Histories;

/// <summary>
/// A short one of the recordings that <c>tests/Load -- histories</c> makes for half an hour: locks, readers
/// and writers, semaphores, guarded writes and configuration, by client processes that are killed, paused
/// and cut off themselves.
/// </summary>
public sealed class RecordedHistoryTests(BrokerFixture brokers)
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(45);

    [Fact]
    public async Task What_clients_saw_under_faults_of_every_family_is_linearizable()
    {
        var seed = Random.Shared.Next();
        var broker = await brokers.ControllableAsync();
        await using var cluster = await MusterCluster.StartAsync(
            broker, brokers.NewCluster(), new ClusterOptions { HasCuttableWires = true, Registries = 2 });
        await using var episode = await Episode.StartAsync(cluster, seed);

        var report = await episode.RunAsync(
            Time, onFault: null, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {report}");
        report.Violations.ShouldBeEmpty($"seed {seed}: {report}");
        report.IsDecided.ShouldBeTrue(report.ToString());
        report.Checks.Count.ShouldBe(4, "every kind of lock, and configuration");
        report.Writes.ShouldBeGreaterThan(0);
        report.Faults.Select(fault => fault.Family).ToHashSet()
            .ShouldBe(Enum.GetValues<FaultFamily>(), ignoreOrder: true, report.ToString());
    }
}
