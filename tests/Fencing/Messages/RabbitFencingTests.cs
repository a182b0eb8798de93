using System.Threading.Channels;
using MassTransit;
using Muster.Broker;
using Muster.Contracts;
using Shouldly;
using Xunit;

namespace Muster.Fencing.Tests.Messages;

/// <summary>The whole way, over a real broker: a holder's scope, its headers, the guard, the fence.</summary>
public sealed class RabbitFencingTests(BrokerFixture brokers)
{
    [Fact]
    public async Task Of_two_holders_over_RabbitMQ_the_old_one_is_refused()
    {
        var stop = TestContext.Current.CancellationToken;
        var broker = await brokers.SharedAsync();
        var queue = brokers.NewCluster();
        var seen = Channel.CreateUnbounded<string>();
        var bus = MassTransit.Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(broker.Uri);
            rabbit.UseFencingHeaders();
            rabbit.ReceiveEndpoint(queue, endpoint =>
            {
                endpoint.AutoDelete = true;
                endpoint.ConfigureConsumeTopology = false;
                endpoint.UseFencingGuard(new MemoryFenceStore());
                endpoint.Handler<DoWork>(context => seen.Writer.WriteAsync(
                    $"{context.Message.Number} {context.GetFence()!.Token}", stop).AsTask());
            });
            rabbit.ReceiveEndpoint(queue + "_error", endpoint =>
            {
                endpoint.AutoDelete = true;
                endpoint.ConfigureConsumeTopology = false;
                endpoint.Handler<DoWork>(context => seen.Writer.WriteAsync(
                    $"{context.Message.Number} refused", stop).AsTask());
            });
        });
        await bus.StartAsync(stop);
        try
        {
            var endpoint = await bus.GetSendEndpoint(new Uri($"queue:{queue}?autodelete=true"));
            foreach (var (number, token, outcome) in new[]
            {
                (1, FencingToken.MaxValue - 1, $"1 {FencingToken.MaxValue - 1}"),
                (2, FencingToken.MaxValue, $"2 {FencingToken.MaxValue}"),
                (3, FencingToken.MaxValue - 1, "3 refused"),
            })
            {
                using (FencingScope.Enter("Aufträge", new FencingToken(token)))
                {
                    await endpoint.Send(new DoWork(number), stop);
                }
                (await seen.Reader.ReadAsync(stop).AsTask().WaitAsync(TimeSpan.FromSeconds(30), stop))
                    .ShouldBe(outcome);
            }
        }
        finally
        {
            await bus.StopAsync(CancellationToken.None);
        }
    }
}
