using Muster.Broker;
using Muster.Cluster;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Measurements;

/// <summary>
/// From kill -9 of the consensus leader to the next lock granted to a client that asks from then on.
/// </summary>
public sealed class FailoverTimeTests(BrokerFixture brokers, SharedCluster shared)
{
    private const int Rounds = 10;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_broker_hints()
    {
        var cluster = await shared.WholeAsync(brokers);
        Assert.SkipUnless(
            cluster.Broker.HasEventExchange,
            $"{cluster.Broker.Description} has no rabbitmq_event_exchange plugin.");

        var times = await MeasureAsync(cluster);

        Write("with broker hints", "failover-with-hints.txt", times);
        Median(times).ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Without_broker_hints()
    {
        var broker = await brokers.StartOwnAsync(new BrokerOptions { EventExchange = false });
        await using var cluster = await MusterCluster.StartAsync(broker, brokers.NewCluster());

        var times = await MeasureAsync(cluster);

        Write("without broker hints", "failover-without-hints.txt", times);
        Median(times).ShouldBeLessThan(TimeSpan.FromSeconds(4));
    }

    private static async Task<List<TimeSpan>> MeasureAsync(MusterCluster cluster)
    {
        await using var client = cluster.NewClient("failover");
        var warm = await client.Locks.AcquireAsync("failover/warm", cancellationToken: Cancellation);
        await warm.DisposeAsync();
        var times = new List<TimeSpan>();
        for (var round = 0; round < Rounds; round++)
        {
            var leader = await cluster.LeaderAsync();
            var killed = TimeProvider.System.GetTimestamp();
            leader.Process.Kill9();
            var handle = await client.Locks.AcquireAsync(
                $"failover/{round}", MusterCluster.Patience, Cancellation);
            times.Add(TimeProvider.System.GetElapsedTime(killed));
            await handle.DisposeAsync();
            await MusterCluster.StartAsync(leader);
            await cluster.CaughtUpAsync(leader, MusterCluster.Patience);
        }
        return times;
    }

    private static void Write(string what, string file, List<TimeSpan> times)
    {
        var report = new Report(
            $"kill -9 of the consensus leader to the next granted lock, {what}, {times.Count} times");
        report.Add(
            $"median {Median(times).TotalMilliseconds:F0} ms, worst {times.Max().TotalMilliseconds:F0} ms");
        report.Add(
            $"all: {string.Join(" ", times.Select(time => time.TotalMilliseconds.ToString("F0", null)))}");
        report.Write(file);
    }

    private static TimeSpan Median(List<TimeSpan> times)
    {
        var sorted = times.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
