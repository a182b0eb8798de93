using System.Text;
using System.Threading.Channels;
using Muster.Broker;
using Muster.Bus;
using Muster.Cluster;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using Shouldly;

namespace Muster.Cluster.Wire;

/// <summary>
/// An AMQP client that knows exchanges, properties and bare JSON and nothing else of Muster: no session
/// keeper, no repeats.
/// </summary>
public sealed class BareClient : IAsyncDisposable
{
    private readonly Channel<BareAnswer> _answers =
        System.Threading.Channels.Channel.CreateBounded<BareAnswer>(100_000);
    private readonly List<BareAnswer> _unclaimed = [];
    private readonly BusNames _names;
    private readonly IConnection _connection;
    private string _replyTo = "";

    private BareClient(BusNames names, IConnection connection, IChannel channel)
    {
        _names = names;
        _connection = connection;
        Channel = channel;
    }

    public IChannel Channel { get; }

    /// <summary>A session id of this client's own.</summary>
    public string SessionId { get; } = $"bare-{Guid.NewGuid():N}";

    public static Task<BareClient> ConnectAsync(MusterCluster cluster) =>
        ConnectAsync(cluster.ApplicationUri, cluster.Links.Names);

    public static async Task<BareClient> ConnectAsync(Uri broker, BusNames names)
    {
        var factory = new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false };
        var connection = await factory.CreateConnectionAsync("muster bare test");
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        var client = new BareClient(names, connection, channel);
        // A name that the stack's rights leave to applications.
        client._replyTo = "app." + client.SessionId;
        await channel.QueueDeclareAsync(client._replyTo, exclusive: true);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += client.ReceiveAsync;
        await channel.BasicConsumeAsync(client._replyTo, autoAck: true, consumer);
        return client;
    }

    /// <summary>
    /// Publishes a contract to its exchange and waits for the next answer with its correlation id.
    /// </summary>
    public async Task<BareAnswer> AskAsync<T>(T command, string? correlationId = null) where T : class
    {
        var id = correlationId ?? typeof(T).GetProperty("CommandId")?.GetValue(command) as string ?? "";
        await PublishAsync(typeof(T), BusJson.Write(command), id);
        return await NextAsync(id);
    }

    /// <summary>Publishes any bytes to a contract's exchange; returns when the broker has them.</summary>
    public async Task PublishAsync(Type exchange, byte[] body, string correlationId, string? type = null)
    {
        var properties = new BasicProperties
        {
            ContentType = BusJson.BareContentType,
            ReplyTo = _replyTo,
            CorrelationId = correlationId,
        };
        if (type is not null)
        {
            properties.Type = type;
        }
        await Channel.BasicPublishAsync(_names.Exchange(exchange), "", mandatory: true, properties, body);
    }

    public Task PublishAsync(Type exchange, string json, string correlationId, string? type = null) =>
        PublishAsync(exchange, Encoding.UTF8.GetBytes(json), correlationId, type);

    /// <summary>The next answer with this correlation id; others wait for who asks for them.</summary>
    public async Task<BareAnswer> NextAsync(string correlationId)
    {
        using var patience = new CancellationTokenSource(MusterCluster.Patience, TimeProvider.System);
        while (true)
        {
            var index = _unclaimed.FindIndex(answer => answer.CorrelationId == correlationId);
            if (index >= 0)
            {
                var found = _unclaimed[index];
                _unclaimed.RemoveAt(index);
                return found;
            }
            try
            {
                _unclaimed.Add(await _answers.Reader.ReadAsync(patience.Token));
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException(
                    $"No answer for {correlationId} within {MusterCluster.Patience}; "
                    + $"{_unclaimed.Count} others: {string.Join("; ", _unclaimed.TakeLast(20))}");
            }
        }
    }

    /// <summary>Answers that came and that nobody asked for.</summary>
    public IReadOnlyList<BareAnswer> Unclaimed()
    {
        while (_answers.Reader.TryRead(out var answer))
        {
            _unclaimed.Add(answer);
        }
        return [.. _unclaimed];
    }

    /// <summary>
    /// Takes a message from a queue of the cluster, waiting for it; the queue may have to come first.
    /// </summary>
    public async Task<byte[]> TakeAsync(string queue)
    {
        BasicGetResult? taken = null;
        await Until.TrueAsync(
            async () => (taken = await TryTakeAsync(_names.Queue(queue))) is not null,
            MusterCluster.Patience, () => $"a message in {queue}");
        return taken.ShouldNotBeNull().Body.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task<BasicGetResult?> TryTakeAsync(string queue)
    {
        // Asking for a queue that is not there costs the channel.
        await using var channel = await _connection.CreateChannelAsync();
        try
        {
            return await channel.BasicGetAsync(queue, autoAck: true);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == 404)
        {
            return null;
        }
    }

    private Task ReceiveAsync(object sender, BasicDeliverEventArgs delivery)
    {
        var properties = delivery.BasicProperties;
        var answer = new BareAnswer(
            properties.Type, properties.CorrelationId, properties.ContentType, delivery.Body.ToArray());
        // Waiting for room would keep the channel from ever closing.
        return _answers.Writer.TryWrite(answer)
            ? Task.CompletedTask
            : throw new InvalidOperationException("The test asks for more answers than it takes.");
    }
}
