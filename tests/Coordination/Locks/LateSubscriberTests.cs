using Muster.Broker;
using Muster.Cluster;
using Muster.Contracts.Lock;
using Shouldly;
using Xunit;

namespace Muster.Coordination.Tests.Locks;

/// <summary>
/// Events that nobody is bound to are published in part only; who comes has all from then on, whatever
/// others do meanwhile.
/// </summary>
public sealed class LateSubscriberTests(LateSubscriberTests.OneGroup stack)
    : IClassFixture<LateSubscriberTests.OneGroup>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_subscribes_late_or_again_hears_of_every_grant_from_then_on()
    {
        var cluster = await stack.WholeAsync();
        await using var client = cluster.NewClient("busy");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var busy = Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await using var held = await client.Locks.AcquireAsync(
                        $"busy/{worker}", cancellationToken: Cancellation);
                }
            },
            Cancellation)));

        // Each is bound for the first time after others came and went, and events flowed past nobody.
        for (var round = 0; round < 5; round++)
        {
            await using var subscriber = await new EventRecorder(cluster)
                .On<LockGranted>(granted => granted.Event!)
                .On<LockReleased>(released => released.Event!)
                .StartAsync();
            var mine = new List<long>();
            for (var i = 0; i < 20; i++)
            {
                await using var held = await client.Locks.AcquireAsync(
                    $"late/{round}", cancellationToken: Cancellation);
                mine.Add(held.FencingToken.Value);
            }
            await Until.TrueAsync(
                () => subscriber.Of<LockReleased>().Count(one => one.Event.Name == $"late/{round}") == 20,
                MusterCluster.Patience,
                () => $"20 releases of round {round}; came: "
                    + subscriber.Of<LockReleased>().Count(one => one.Event.Name == $"late/{round}"));
            subscriber.Of<LockGranted>().Where(one => one.Event.Name == $"late/{round}")
                .Select(one => one.Event.FencingToken.Value).ShouldBe(mine);
        }

        await stop.CancelAsync();
        await busy;
    }

    public sealed class OneGroup(BrokerFixture brokers) : Stack(brokers, new ClusterOptions());
}
