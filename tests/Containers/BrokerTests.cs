using System.Text;
using Muster.Broker;
using RabbitMQ.Client;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests;

public sealed class BrokerTests(BrokerFixture fixture)
{
    private const string Queue = "muster.test.broker";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_shared_broker_speaks_AMQP_and_tells_of_deleted_queues()
    {
        var broker = await fixture.SharedAsync();

        await using var connection = await ConnectAsync(broker.Uri);

        connection.IsOpen.ShouldBeTrue();
        (await HasExchangeAsync(connection, "amq.rabbitmq.event")).ShouldBe(broker.HasEventExchange);
        if (broker.CanControl)
        {
            broker.HasEventExchange.ShouldBeTrue(broker.Description);
        }
    }

    [Fact]
    public async Task A_broker_without_the_plugin_has_no_event_exchange()
    {
        var broker = await fixture.StartOwnAsync(new BrokerOptions { EventExchange = false });

        await using var connection = await ConnectAsync(broker.Uri);

        broker.HasEventExchange.ShouldBeFalse();
        (await HasExchangeAsync(connection, "amq.rabbitmq.event")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_stopped_broker_closes_its_connections_and_comes_back_with_what_was_durable()
    {
        var broker = await fixture.ControllableAsync();
        await using var connection = await ConnectAsync(broker.Uri);
        var confirms = new CreateChannelOptions(
            publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        await using var channel = await connection.CreateChannelAsync(confirms, Cancellation);
        await channel.QueueDeclareAsync(
            Queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancellation);
        await channel.BasicPublishAsync(
            "",
            Queue,
            mandatory: true,
            new BasicProperties { Persistent = true },
            "kept"u8.ToArray(),
            Cancellation);
        (await channel.MessageCountAsync(Queue, Cancellation)).ShouldBe(1u);
        var closed = new TaskCompletionSource();
        connection.ConnectionShutdownAsync += (_, _) =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };

        await broker.StopAsync();

        await closed.Task.WaitAsync(Patience, TimeProvider.System, Cancellation);
        broker.IsRunning.ShouldBeFalse();
        await Should.ThrowAsync<Exception>(() => ConnectAsync(broker.Uri));

        await broker.StartAsync();

        broker.IsRunning.ShouldBeTrue();
        await using var second = await ConnectAsync(broker.Uri);
        await using var secondChannel = await second.CreateChannelAsync(cancellationToken: Cancellation);
        var kept = await secondChannel.BasicGetAsync(Queue, autoAck: true, Cancellation);
        Encoding.UTF8.GetString(kept.ShouldNotBeNull().Body.Span).ShouldBe("kept");
        await secondChannel.QueueDeleteAsync(Queue, cancellationToken: Cancellation);
    }

    [Fact]
    public async Task A_blocked_broker_blocks_publishers_until_it_is_unblocked()
    {
        var broker = await fixture.ControllableAsync();
        await using var connection = await ConnectAsync(broker.Uri);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation);
        var blocked = new TaskCompletionSource();
        var unblocked = new TaskCompletionSource();
        connection.ConnectionBlockedAsync += (_, _) => Completed(blocked);
        connection.ConnectionUnblockedAsync += (_, _) => Completed(unblocked);

        await broker.BlockAsync();
        await channel.BasicPublishAsync("", "nobody", "held"u8.ToArray(), Cancellation);

        await blocked.Task.WaitAsync(Patience, TimeProvider.System, Cancellation);
        unblocked.Task.IsCompleted.ShouldBeFalse();

        await broker.UnblockAsync();

        await unblocked.Task.WaitAsync(Patience, TimeProvider.System, Cancellation);
    }

    [Fact]
    public async Task A_broker_that_a_test_left_stopped_runs_again_for_the_next()
    {
        var left = await fixture.ControllableAsync();
        await left.StopAsync();

        var next = await fixture.ControllableAsync();

        next.ShouldBeSameAs(left);
        await using var connection = await ConnectAsync(next.Uri);
        connection.IsOpen.ShouldBeTrue();
    }

    [Fact]
    public async Task A_failing_rabbitmqctl_says_why()
    {
        var broker = await fixture.ControllableAsync();

        var failure = await Should.ThrowAsync<InvalidOperationException>(
            () => broker.RabbitmqctlAsync("clear_password", "nobody-of-this-name"));

        failure.Message.ShouldContain("nobody-of-this-name");
        (await broker.RabbitmqctlAsync("list_queues", "name")).ShouldContain("Listing queues");
    }

    private static Task Completed(TaskCompletionSource source)
    {
        source.TrySetResult();
        return Task.CompletedTask;
    }

    private static Task<IConnection> ConnectAsync(Uri uri) =>
        new ConnectionFactory { Uri = uri, AutomaticRecoveryEnabled = false }
            .CreateConnectionAsync(Cancellation);

    private static async Task<bool> HasExchangeAsync(IConnection connection, string name)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation);
        try
        {
            await channel.ExchangeDeclarePassiveAsync(name, Cancellation);
            return true;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return false;
        }
    }
}
