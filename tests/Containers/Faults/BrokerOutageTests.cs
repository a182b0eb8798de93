using Muster.Broker;
using Muster.Client;
using Muster.Cluster;
using Muster.Cluster.Load;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Faults;

/// <summary>
/// The broker goes away, or takes nothing: liveness is lost, safety kept, and all resumes by itself.
/// </summary>
public sealed class BrokerOutageTests(BrokerFixture brokers, SharedCluster shared)
{
    private static readonly TimeSpan Alarm = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_stopped_and_started_under_load_loses_and_doubles_nothing()
    {
        var broker = await brokers.ControllableAsync();
        var cluster = await ClusterOnAsync(broker);
        await using var load = await LockLoad.StartAsync(cluster);

        await broker.StopAsync();
        await UntilNobodyIsReadyAsync(cluster);
        await broker.StartAsync();

        await load.MoreCyclesAsync(20, MusterCluster.Patience);
        await load.EndAsync();
        await Task.WhenAll(cluster.Services.Select(service => service.ReadyAsync(MusterCluster.Patience)));
    }

    [Fact]
    public async Task A_broker_blocked_by_its_memory_alarm_expires_nobody_and_all_resumes()
    {
        var broker = await brokers.ControllableAsync();
        var cluster = await ClusterOnAsync(broker);
        await using var load = await LockLoad.StartAsync(cluster);
        await using var client = cluster.NewClient("holder", TimeSpan.FromSeconds(5));
        await using var held = await client.Locks.AcquireAsync(
            "alarm/short", cancellationToken: Cancellation);
        await using var patient = cluster.NewClient("patient", TimeSpan.FromMinutes(2));
        await using var kept = await patient.Locks.AcquireAsync(
            "alarm/long", cancellationToken: Cancellation);

        await broker.BlockAsync();
        var alarm = Task.Delay(Alarm, TimeProvider.System, Cancellation);
        await UntilNobodyIsReadyAsync(cluster);
        var standing = load.Cycles;
        await Should.ThrowAsync<Exception>(async () =>
            await client.Locks.AcquireAsync("alarm/other", TimeSpan.FromSeconds(1), Cancellation));
        await alarm;
        held.IsLost.ShouldBeTrue("nothing renewed it for four TTLs");
        load.Cycles.ShouldBeLessThanOrEqualTo(standing + 1, "nothing can be granted while the alarm lasts");
        await broker.UnblockAsync();

        await load.MoreCyclesAsync(20, MusterCluster.Patience);
        kept.IsLost.ShouldBeFalse();
        (await patient.Locks.DescribeAsync("alarm/long", Cancellation)).Holders.ShouldHaveSingleItem()
            .FencingToken.ShouldBe(kept.FencingToken);
        await load.EndAsync();
    }

    private static Task UntilNobodyIsReadyAsync(MusterCluster cluster) => Until.TrueAsync(
        async () =>
            !(await Task.WhenAll(cluster.Services.Select(service => service.IsReadyAsync()))).Contains(true),
        MusterCluster.Patience, () => "no service says it is ready without its broker");

    private async Task<MusterCluster> ClusterOnAsync(IBroker broker)
    {
        var cluster = await shared.WholeAsync(brokers);
        Assert.SkipUnless(
            ReferenceEquals(cluster.Broker, broker),
            $"The shared cluster's broker, {cluster.Broker.Description}, must not be stopped.");
        return cluster;
    }
}
