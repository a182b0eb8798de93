using System.Text.Json;
using System.Threading.Channels;
using RabbitMQ.Client;

namespace Muster.Bus;

/// <summary>
/// Consumes a shared work queue on a channel of its own. Acks come from any thread; one task writes them.
/// They belong to this channel: after a reconnect they end in this dead object, and the broker has long given
/// the messages to somebody.
/// </summary>
internal sealed class RabbitWorkQueue : AsyncDefaultBasicConsumer
{
    /// <summary>
    /// It becomes a header, and all headers must fit into one frame, or the broker closes the connection.
    /// </summary>
    private const int MostReasonCharacters = 1_000;

    private readonly WorkQueue _queue;
    private readonly RabbitSession _session;
    private readonly RabbitLinkScope _scope;
    private readonly Channel<Delivery> _settled;

    public RabbitWorkQueue(IChannel channel, WorkQueue queue, RabbitSession session, RabbitLinkScope scope)
        : base(channel)
    {
        _queue = queue;
        _session = session;
        _scope = scope;
        // A delivery settles once and the broker has at most a prefetch of them out, so a write never finds
        // it full.
        _settled = System.Threading.Channels.Channel.CreateBounded<Delivery>(
            new BoundedChannelOptions(queue.Prefetch) { SingleReader = true });
    }

    public async Task ConsumeAsync(CancellationToken cancellationToken)
    {
        await Channel.BasicQosAsync(0, _queue.Prefetch, global: false, cancellationToken)
            .ConfigureAwait(false);
        await Channel.BasicConsumeAsync(_queue.Name, autoAck: false, this, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Takes no more acks; <see cref="RunAsync"/> returns when the rest is written.</summary>
    public void Complete() => _settled.Writer.TryComplete();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var delivery in _settled.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (delivery.RejectReason is null)
            {
                await Channel.BasicAckAsync(delivery.Tag, multiple: false, cancellationToken)
                    .ConfigureAwait(false);
            }
            else
            {
                // Waits for a confirm, which must not hold up the acks behind it; at most a prefetch of them
                // are on their way.
                _ = MoveToErrorQueueAsync(delivery, cancellationToken);
            }
        }
    }

    public override async Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default)
    {
        if (!await _session.Opened.ConfigureAwait(false))
        {
            return;
        }
        var delivery = new Delivery(this, deliveryTag, exchange);
        try
        {
            var message = Inbox.Read(
                _scope, exchange, properties, body, redelivered,
                _ => delivery.Settle(), _ => delivery.Settle("rejected by its consumer"));
            delivery.Copy(properties, message?.Body ?? body.ToArray());
            if (message is null)
            {
                delivery.Settle("its type is no contract");
                return;
            }
            _queue.OnMessage(message);
        }
        catch (JsonException malformed)
        {
            delivery.Copy(properties, body.ToArray());
            delivery.Settle("malformed: " + malformed.Message);
        }
        catch (Exception exception)
        {
            _scope.HandlerFailed(properties.Type ?? exchange, exception);
            delivery.Settle($"{exception.GetType().Name}: {exception.Message}");
        }
    }

    /// <summary>Somebody deleted the queue: the next connect declares it again.</summary>
    public override Task HandleBasicCancelAsync(
        string consumerTag, CancellationToken cancellationToken = default)
    {
        _session.End($"the broker cancelled the consumer of {_queue.Name}");
        return base.HandleBasicCancelAsync(consumerTag, cancellationToken);
    }

    private async Task MoveToErrorQueueAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        try
        {
            _scope.Rejected(_queue.Name, delivery.Properties.Type, delivery.RejectReason!);
            delivery.Properties.Headers = new Dictionary<string, object?>
            {
                ["muster-reason"] = delivery.RejectReason,
                ["muster-exchange"] = delivery.Exchange,
            };
            var isThere = await _session.Confirmed.PublishAsync(
                "", Topology.ErrorQueue(_queue.Name), delivery.Properties, delivery.Body, cancellationToken)
                    .ConfigureAwait(false);
            if (!isThere)
            {
                // Somebody deleted it: the next connect declares it again, and the message comes again.
                _session.End($"{Topology.ErrorQueue(_queue.Name)} is not there");
                return;
            }
            await Channel.BasicAckAsync(delivery.Tag, multiple: false, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // What an ended session leaves the broker delivers again. In one that lives on the message would
            // keep its place in the prefetch, which may be the only one.
            var isDropped = !_session.HasEnded;
            _scope.Logger.RejectFailed(
                _queue.Name, isDropped ? "is dropped" : "will be delivered again", exception.Message);
            if (isDropped)
            {
                await DropAsync(delivery.Tag, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task DropAsync(ulong tag, CancellationToken cancellationToken)
    {
        try
        {
            await Channel.BasicRejectAsync(tag, requeue: false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _session.End("writing failed: " + exception.Message);
        }
    }

    /// <summary>One message of the queue until it is acknowledged or rejected, whichever is first.</summary>
    private sealed class Delivery(RabbitWorkQueue owner, ulong tag, string exchange)
    {
        private int _settled;

        public ulong Tag => tag;

        public string Exchange => exchange;

        public string? RejectReason { get; private set; }

        public BasicProperties Properties { get; private set; } = new();

        public ReadOnlyMemory<byte> Body { get; private set; }

        public void Copy(IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body)
        {
            Properties = new BasicProperties
            {
                Type = OutgoingFrame.Writable(properties.Type),
                ContentType = OutgoingFrame.Writable(properties.ContentType),
                CorrelationId = OutgoingFrame.Writable(properties.CorrelationId),
                MessageId = OutgoingFrame.Writable(properties.MessageId),
                ReplyTo = OutgoingFrame.Writable(properties.ReplyTo),
                DeliveryMode = DeliveryModes.Persistent,
            };
            Body = body;
        }

        public void Settle(string? rejectReason = null)
        {
            if (Interlocked.Exchange(ref _settled, 1) == 0)
            {
                RejectReason = rejectReason?.Length > MostReasonCharacters
                    ? rejectReason[..MostReasonCharacters] + " …"
                    : rejectReason;
                owner._settled.Writer.TryWrite(this);
            }
        }
    }
}
