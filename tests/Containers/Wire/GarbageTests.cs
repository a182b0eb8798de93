using System.Text;
using Muster.Broker;
using Muster.Bus;
using Muster.Cluster;
using Muster.Cluster.Wire;
using Muster.Contracts.Lock;
using RabbitMQ.Client;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Wire;

/// <summary>
/// Messages that are garbage, and that the broker would not take a second time as they are: they go to the
/// error queue all the same, once, and the endpoint lives on.
/// </summary>
public sealed class GarbageTests(BrokerFixture brokers, SharedCluster shared) : IAsyncLifetime
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
    public async Task A_reason_that_would_be_larger_than_a_frame()
    {
        const string Urn = "urn:message:Muster.Contracts.Lock:AcquireLock";
        var address = "http://x/" + new string('a', 200_000);
        var body = $$"""{"messageType":["{{Urn}}"],"message":{"name":"a"},"responseAddress":"{{address}}"}""";

        await TakenOnceAsync(body, new() { ContentType = BusJson.EnvelopeContentType });
    }

    [Fact]
    public Task Headers_that_fill_a_frame() => TakenOnceAsync("[", new()
    {
        Headers = new Dictionary<string, object?> { ["long"] = new string('h', 130_000) },
    });

    [Fact]
    public Task Another_users_name() => TakenOnceAsync("[", new()
    {
        UserId = Uri.UnescapeDataString(_cluster.ApplicationUri.UserInfo.Split(':')[0]),
    });

    /// <summary>
    /// Commands wait for a minute at most, and 10,000 of them: a queue that is there with other arguments is
    /// refused.
    /// </summary>
    [Theory]
    [InlineData("consensus")]
    [InlineData("muster-decisions")]
    [InlineData("muster-detector")]
    [InlineData("muster-lock")]
    [InlineData("muster-recovery")]
    [InlineData("muster-registry")]
    public async Task Public_queues_are_bounded(string queue)
    {
        var factory = new ConnectionFactory { Uri = _cluster.Broker.Uri };
        await using var connection = await factory.CreateConnectionAsync(
            TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(
            cancellationToken: TestContext.Current.CancellationToken);

        await channel.QueueDeclareAsync(
            _cluster.Links.Names.Queue(queue), durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-max-length"] = 10_000, ["x-message-ttl"] = 60_000 },
            cancellationToken: TestContext.Current.CancellationToken);
    }

    private async Task TakenOnceAsync(string body, BasicProperties properties)
    {
        var exchange = _cluster.Links.Names.Exchange(typeof(AcquireLock));
        await _bare.Channel.BasicPublishAsync(
            exchange, "", mandatory: true, properties, Encoding.UTF8.GetBytes(body),
            TestContext.Current.CancellationToken);

        Encoding.UTF8.GetString(await _bare.TakeAsync("muster-lock_error")).ShouldBe(body);
        (await _bare.AskAsync(new OpenSession { CommandId = _bare.SessionId, SessionId = _bare.SessionId }))
            .Read<SessionOpened>();
    }
}
