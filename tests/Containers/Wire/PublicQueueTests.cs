using Muster.Broker;
using Muster.Cluster;
using Muster.Cluster.Wire;
using Muster.Contracts.Lock;
using RabbitMQ.Client;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Wire;

/// <summary>
/// Public queues hold no more than they should, and lose what is garbage, also what the broker would not take
/// a second time as it is: it goes to the error queue, once, and the endpoint lives on.
/// </summary>
public sealed class PublicQueueTests(BrokerFixture brokers, SharedCluster shared) : IAsyncLifetime
{
    private MusterCluster _cluster = null!;
    private BareClient _bare = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await shared.WholeAsync(brokers);
        _bare = await BareClient.ConnectAsync(_cluster);
    }

    public ValueTask DisposeAsync() => _bare.DisposeAsync();

    [Fact]
    public async Task Garbage_with_headers_that_fill_a_frame_is_moved()
    {
        await _bare.Channel.BasicPublishAsync(
            _cluster.Links.Names.Exchange(typeof(AcquireLock)), "", mandatory: true,
            new BasicProperties
            {
                Headers = new Dictionary<string, object?> { ["long"] = new string('h', 130_000) },
            },
            "["u8.ToArray(), TestContext.Current.CancellationToken);

        (await _bare.TakeAsync("muster-lock_error")).ShouldBe("["u8.ToArray());
        (await _bare.AskAsync(new OpenSession { CommandId = _bare.SessionId, SessionId = _bare.SessionId }))
            .Read<SessionOpened>();
    }

    /// <summary>A queue that is there with a life of its messages is refused.</summary>
    [Fact]
    public async Task What_failed_has_no_end_of_life()
    {
        await _bare.Channel.BasicPublishAsync(
            _cluster.Links.Names.Exchange(typeof(AcquireLock)), "", mandatory: true, new BasicProperties(),
            "[]"u8.ToArray(), TestContext.Current.CancellationToken);
        (await _bare.TakeAsync("muster-lock_error")).ShouldBe("[]"u8.ToArray());

        await DeclareAsync("muster-lock_error", new() { ["x-max-length"] = 10_000 });
    }

    /// <summary>
    /// Commands wait for a minute at most, and 10,000 of them: a queue that is there with other arguments is
    /// refused.
    /// </summary>
    [Theory]
    [InlineData("consensus")]
    [InlineData("muster-decisions")]
    [InlineData("muster-lock")]
    public Task Public_queues_are_bounded(string queue) =>
        DeclareAsync(queue, new() { ["x-max-length"] = 10_000, ["x-message-ttl"] = 60_000 });

    private async Task DeclareAsync(string queue, Dictionary<string, object?> arguments)
    {
        var factory = new ConnectionFactory { Uri = _cluster.Broker.Uri };
        await using var connection = await factory.CreateConnectionAsync(
            TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(
            cancellationToken: TestContext.Current.CancellationToken);

        await channel.QueueDeclareAsync(
            _cluster.Links.Names.Queue(queue), durable: true, exclusive: false, autoDelete: false,
            arguments, cancellationToken: TestContext.Current.CancellationToken);
    }
}
