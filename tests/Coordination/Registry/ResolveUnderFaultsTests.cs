using Muster.Broker;
using Muster.Client;
using Muster.Cluster;
using Shouldly;
using Xunit;

namespace Muster.Coordination.Tests.Registry;

/// <summary>
/// Services are resolved in a loop, and changed every second, while each of what the answers come from goes
/// away and comes back.
/// </summary>
public sealed class ResolveUnderFaultsTests(
    ResolveUnderFaultsTests.RegistryStack stack, RedisFixture redises)
    : IClassFixture<ResolveUnderFaultsTests.RegistryStack>
{
    private static readonly string[] Services = ["orders", "stock", "prices", "mail"];
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan MaxAge = new ResolveOptions().MaxAge;
    // Without Redis nobody is told of a change: it is seen once the copy is too old.
    private static readonly TimeSpan SeenWithin = MaxAge + TimeSpan.FromSeconds(2);

    // The answer is made up, or waits for its turn on a busy machine, after its age is known.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Registry_replicas_that_die_or_stop_are_not_noticed()
    {
        var cluster = await stack.WholeAsync((await redises.ControllableAsync()).Connection);
        await using var run = await RegistryRun.StartAsync(cluster, Services);

        foreach (var replica in cluster.Registries)
        {
            await replica.KillAsync();
            await run.SeesChangesAsync($"{replica.Name} killed", SeenWithin);
            await MusterCluster.StartAsync(replica);
            await run.SeesChangesAsync($"{replica.Name} back", SeenWithin);
        }
        await cluster.Registries[0].StopAsync();
        await run.SeesChangesAsync($"{cluster.Registries[0].Name} stopped", SeenWithin);
        await MusterCluster.StartAsync(cluster.Registries[0]);

        await run.EndAsync();
        run.AgesStayBelow(MaxAge + Margin);
    }

    [Fact]
    public async Task Redis_stopped_flushed_slow_or_read_only_is_not_noticed()
    {
        var redis = await redises.ControllableAsync();
        var cluster = await stack.WholeAsync(redis.Connection);
        await using var run = await RegistryRun.StartAsync(cluster, Services);

        await redis.StopAsync();
        await OutageAsync();
        await run.SeesChangesAsync("Redis away", SeenWithin);
        await redis.StartAsync();
        await run.SeesChangesAsync("Redis back, empty", SeenWithin);

        await redis.CommandAsync("FLUSHALL");
        await run.SeesChangesAsync("Redis flushed", SeenWithin);

        await redis.CommandAsync("CLIENT", "PAUSE", "4000", "ALL");
        await OutageAsync();
        await run.SeesChangesAsync("Redis stood still", SeenWithin);

        await redis.CommandAsync("REPLICAOF", "127.0.0.1", "1");
        await OutageAsync();
        await run.SeesChangesAsync("Redis read-only", SeenWithin);
        await redis.CommandAsync("REPLICAOF", "NO", "ONE");
        await run.SeesChangesAsync("Redis writable", SeenWithin);

        await run.EndAsync();
        // The bus is there all the time.
        run.AgesStayBelow(MaxAge + Margin);
        run.ComeFrom(ResolveSource.Redis);
    }

    [Fact]
    public async Task The_broker_away_makes_answers_older_and_its_return_makes_them_young()
    {
        var cluster = await stack.WholeAsync((await redises.ControllableAsync()).Connection);
        await using var run = await RegistryRun.StartAsync(cluster, Services);

        await cluster.Broker.StopAsync();
        var away = TimeProvider.System.GetTimestamp();
        await Task.Delay(MaxAge + Outage, TimeProvider.System, Cancellation);
        var starting = TimeProvider.System.GetTimestamp();
        await cluster.Broker.StartAsync();
        var back = TimeProvider.System.GetTimestamp();
        await run.SeesChangesAsync("broker back", MusterCluster.Patience);
        await Task.WhenAll(cluster.Services.Select(service => service.ReadyAsync(MusterCluster.Patience)));
        await run.SeesChangesAsync("all ready", SeenWithin);
        var settled = TimeProvider.System.GetTimestamp();
        await run.SeesChangesAsync("a second later", SeenWithin);

        await run.EndAsync();
        run.AgesGrow(away, starting);
        run.AgesStayBelow(TimeProvider.System.GetElapsedTime(away, settled) + MaxAge + Margin);
        run.AgesStayBelow(MaxAge + Margin, from: settled);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"broker away for {TimeProvider.System.GetElapsedTime(away, back).TotalMilliseconds:F0} ms");
    }

    private static Task OutageAsync() => Task.Delay(Outage, TimeProvider.System, Cancellation);

    public sealed class RegistryStack(BrokerFixture brokers)
        : Stack(brokers, new ClusterOptions { Registries = 2 });
}
