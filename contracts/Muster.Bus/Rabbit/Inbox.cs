using System.Diagnostics;
using System.Text.Json;
using RabbitMQ.Client;

namespace Muster.Bus;

/// <summary>Consumes one connect's inbox queue, one message after the other.</summary>
internal sealed class Inbox(
    IChannel channel, RabbitSession session, RabbitLinkScope scope, BrokerHints? hints)
    : AsyncDefaultBasicConsumer(channel)
{
    public override async Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default)
    {
        // The queue delivers from the moment it is consumed; the owner must have heard of the incarnation
        // first.
        if (!await session.Opened.ConfigureAwait(false))
        {
            return;
        }
        var type = properties.Type;
        try
        {
            if (exchange == BrokerHints.Exchange)
            {
                hints?.Receive(routingKey, properties);
            }
            else if (Read(scope, exchange, properties, body, redelivered) is { } message)
            {
                type = message.Type;
                scope.Options.OnMessage(message);
            }
            else
            {
                scope.Dropped(exchange, type, "its type is no contract.");
            }
        }
        catch (JsonException malformed)
        {
            scope.Dropped(exchange, type, malformed.Message);
        }
        catch (Exception exception)
        {
            // Whatever a message does to its handler, the next one must still be delivered.
            scope.HandlerFailed(type ?? exchange, exception);
        }
    }

    /// <summary>The broker deleted the queue: only a fresh one helps.</summary>
    public override Task HandleBasicCancelAsync(
        string consumerTag, CancellationToken cancellationToken = default)
    {
        session.End("the broker cancelled the inbox's consumer");
        return base.HandleBasicCancelAsync(consumerTag, cancellationToken);
    }

    /// <summary>A message of its own bytes, or null when it is none of the contracts.</summary>
    /// <exception cref="JsonException">An envelope that is malformed.</exception>
    internal static LinkMessage? Read(
        RabbitLinkScope scope, string exchange, IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body, bool redelivered,
        Action<LinkMessage>? ack = null, Action<LinkMessage>? reject = null)
    {
        var contentType = MessageTypes.ContentTypeOf(properties.ContentType);
        if (scope.Types.Find(properties.Type, contentType, exchange, body) is not { } type)
        {
            return null;
        }
        return new LinkMessage(ack, reject)
        {
            Type = type,
            // The client takes its buffer back when the consumer returns.
            Body = body.ToArray(),
            ContentType = contentType,
            CorrelationId = properties.CorrelationId,
            MessageId = properties.MessageId,
            ReplyTo = properties.ReplyTo,
            Redelivered = redelivered,
            ReceivedAt = Stopwatch.GetTimestamp(),
        };
    }
}
