using Muster.Broker;
using Muster.Client;
using Muster.Cluster;
using Muster.Cluster.Load;
using Muster.Coordination.Tests.Detector;
using Shouldly;
using Xunit;

namespace Muster.Coordination.Tests.Faults;

/// <summary>
/// RabbitMQ's memory alarm, for 20 s under load: it takes nothing any more from anybody, and gives nothing.
/// </summary>
public sealed class MemoryAlarmTests(MemoryAlarmTests.WholeStack stack)
    : IClassFixture<MemoryAlarmTests.WholeStack>
{
    private static readonly TimeSpan Alarm = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(5);

    // Longer than the alarm, so that what is held is held all the time.
    private static readonly TimeSpan LongTtl = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_end_unknown_at_once_nobody_is_failed_and_nothing_is_lost()
    {
        var cluster = await stack.WholeAsync();
        await using var nodes = await NodeSet.StartAsync(cluster, "alarm", 3);
        await using var client = cluster.NewClient("holder", LongTtl, MusterCluster.Patience);
        await using var caller = cluster.NewClient("caller", LongTtl, CallTimeout);
        await caller.ConnectAsync(Cancellation);
        await using var kept = await client.Locks.AcquireAsync("alarm/kept", cancellationToken: Cancellation);
        var version = await client.Config.PutAsync("alarm/key", "before", cancellationToken: Cancellation);
        var before = await VerdictLog.ReadAsync(cluster);
        await using var load = await LockLoad.StartAsync(cluster, new LoadOptions { Ttl = LongTtl });

        await cluster.Broker.BlockAsync();
        var alarm = Task.Delay(Alarm, TimeProvider.System, Cancellation);
        await Until.TrueAsync(
            async () => (await Task.WhenAll(cluster.Services.Select(SaysNotReadyAsync))).All(says => says),
            Promptly, () => "every service says that it has no broker");
        await EndsUnknownAsync(() => caller.Config.PutAsync(
            "alarm/key", "during", version, Cancellation));
        await EndsUnknownAsync(() => caller.Locks.AcquireAsync(
            "alarm/other", CallTimeout, Cancellation).AsTask());
        await EndsUnknownAsync(() => caller.Locks.DescribeAsync("alarm/kept", Cancellation).AsTask());
        await alarm;
        await cluster.Broker.UnblockAsync();

        await Task.WhenAll(cluster.Services.Select(service => service.ReadyAsync(MusterCluster.Patience)));
        await nodes.AllAliveAsync();
        (await VerdictLog.ReadAsync(cluster)).FailuresAfter(before).ShouldBeEmpty();
        kept.IsLost.ShouldBeFalse();
        var key = (await client.Config.GetAsync("alarm/key", Cancellation)).ShouldNotBeNull();
        key.Value.ShouldBeOneOf("before", "during");
        (key.Version == version).ShouldBe(key.Value == "before");
        await load.MoreCyclesAsync(10, MusterCluster.Patience);
        await load.EndAsync();
    }

    private static async Task<bool> SaysNotReadyAsync(Service service) =>
        await service.HealthAsync() is { IsReady: false } health
        && (health.Text.Contains("not connected to the bus", StringComparison.Ordinal)
            || health.Text.Contains("blocked", StringComparison.Ordinal));

    private static async Task EndsUnknownAsync(Func<Task> call)
    {
        var started = TimeProvider.System.GetTimestamp();
        var failure = await Should.ThrowAsync<Exception>(call);
        var took = TimeProvider.System.GetElapsedTime(started);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{failure.GetType().Name} after {took.TotalMilliseconds:F0} ms: {failure.Message}");
        (failure is MusterUnknownException or TimeoutException).ShouldBeTrue(failure.ToString());
        took.ShouldBeLessThan(Promptly);
    }

    public sealed class WholeStack(BrokerFixture brokers)
        : Stack(brokers, new ClusterOptions { Registries = 2, Detectors = 3, Recoveries = 2 });
}
