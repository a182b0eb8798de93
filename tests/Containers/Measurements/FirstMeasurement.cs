using HdrHistogram;
using Muster.Broker;
using Muster.Client;
using Muster.Cluster;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Measurements;

/// <summary>
/// Granted-and-released cycles against three consensus nodes and two lock replicas over the test's broker,
/// beside the broker's own ping-pong in the same run.
/// </summary>
public sealed class FirstMeasurement(BrokerFixture brokers, SharedCluster shared)
{
    private const int Many = 64;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task Cycles_beside_the_brokers_ping_pong()
    {
        var cluster = await shared.WholeAsync(brokers);
        await using var client = cluster.NewClient("measurement");
        await client.ConnectAsync(TestContext.Current.CancellationToken);
        await CyclesAsync(client, Many, WarmUp);

        var before = await LeaderAsync(cluster);
        var one = await CyclesAsync(client, 1, Duration);
        var between = await LeaderAsync(cluster);
        var many = await CyclesAsync(client, Many, Duration);
        var after = await LeaderAsync(cluster);
        var pingOne = await PingPongAsync(cluster.Broker, 1);
        var pingMany = await PingPongAsync(cluster.Broker, Many);

        var report = new Report(
            $"first measurement, 3 nodes and 2 lock replicas over {cluster.Broker.Description}, "
            + $"{Environment.ProcessorCount} processors for everything");
        report.Add($"lock cycles, 1 worker            {one}");
        report.Add($"lock cycles, {Many} workers, {Many} names {many}");
        report.Add($"broker ping-pong, 1 in flight    {pingOne}");
        report.Add($"broker ping-pong, {Many} in flight   {pingMany}");
        report.Add($"a cycle costs {pingOne.PerSecond / one.PerSecond:F1} round trips alone, "
            + $"{pingMany.PerSecond / many.PerSecond:F1} with {Many}");
        report.Add($"synced commits of the leader per cycle: {PerCycle(before, between, one):F2} alone, "
            + $"{PerCycle(between, after, many):F2} with {Many}");
        report.Write("first-measurement.txt");
        one.Count.ShouldBeGreaterThan(20);
        many.PerSecond.ShouldBeGreaterThan(one.PerSecond);
    }

    private static async Task<ConsensusReport> LeaderAsync(MusterCluster cluster) =>
        (await ConsensusReport.AskAsync(await cluster.LeaderAsync())).ShouldNotBeNull();

    private static double PerCycle(ConsensusReport before, ConsensusReport after, Rate rate) =>
        (after.Commits - before.Commits) / (double)rate.Count;

    private static async Task<Rate> CyclesAsync(MusterClient client, int workers, TimeSpan duration)
    {
        var started = TimeProvider.System.GetTimestamp();
        var lanes = await Task.WhenAll(Enumerable.Range(0, workers)
            .Select(worker => Task.Run(() => CycleAsync(client, $"measured/{worker}", started, duration))));
        return Rate.Of(lanes, TimeProvider.System.GetElapsedTime(started));
    }

    private static async Task<LongHistogram> CycleAsync(
        MusterClient client, string name, long started, TimeSpan duration)
    {
        var times = Rate.NewHistogram();
        while (TimeProvider.System.GetElapsedTime(started) < duration)
        {
            var asked = TimeProvider.System.GetTimestamp();
            await (await client.Locks.AcquireAsync(name)).DisposeAsync();
            Rate.Record(times, asked);
        }
        return times;
    }

    private static async Task<Rate> PingPongAsync(IBroker broker, int inFlight)
    {
        await using var pair = await PingPong.ConnectAsync(broker.Uri, inFlight);
        return await pair.MeasureAsync(Duration);
    }
}
