using Microsoft.Extensions.Logging.Abstractions;
using Muster.Broker;
using Muster.Bus;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests;

/// <summary>A broker that is 30 ms away.</summary>
public sealed class FarBrokerTests(BrokerFixture brokers)
{
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>As many as a process of 32 lock groups has: some 200 round trips, more than 5 s.</summary>
    [Fact]
    public async Task A_link_of_many_work_queues_comes_up()
    {
        var broker = await brokers.SharedAsync();
        await using var wire = CuttableProxy.Start(broker.Uri, OneWay);
        var names = new BusNames(brokers.NewCluster());
        var settings = new RabbitLinkSettings { Broker = wire.Uri };
        await using var link = new RabbitLinkFactory(settings, names, NullLoggerFactory.Instance).Create(new()
        {
            Address = "lock.far",
            OnMessage = _ => { },
            WorkQueues =
            [
                .. Enumerable.Range(0, 35).Select(number => new WorkQueue
                {
                    Name = names.Queue($"far-{number}"),
                    Exchanges = [names.Queue($"far-{number}")],
                    OnMessage = _ => { },
                }),
            ],
        });
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);

        await link.StartAsync(patience.Token);

        link.IsUp.ShouldBeTrue();
    }
}
