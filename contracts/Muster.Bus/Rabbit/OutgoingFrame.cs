using System.Globalization;
using System.Text;
using RabbitMQ.Client;

namespace Muster.Bus;

/// <summary>One message on its way to the broker, already in bytes.</summary>
internal sealed record OutgoingFrame(
    string Exchange, string RoutingKey, BasicProperties Properties, byte[] Body)
{
    /// <summary>The broker's own limit by default; a larger message would close the channel.</summary>
    private const int MaxBodyBytes = 16 * 1024 * 1024;

    private const int MaxShortStringBytes = 255;

    /// <summary>
    /// The broker closes the channel of who uses it without consuming from it; a resolved one has more behind
    /// it.
    /// </summary>
    private const string DirectReplyTo = "amq.rabbitmq.reply-to";

    /// <summary>
    /// Null for a message that the protocol cannot carry. Names and ids come from other processes' messages,
    /// so a bad one must neither throw in the sender nor close the channel that everybody's messages go
    /// through.
    /// </summary>
    /// <param name="exchange">Empty: the default one.</param>
    /// <param name="routingKey">An inbox, or a queue.</param>
    /// <param name="message">A contract.</param>
    /// <param name="options">Its properties.</param>
    /// <param name="tooLarge">The size of a body that is too large, else 0: its sender's fault, and nobody
    /// else would hear of it.</param>
    public static OutgoingFrame? Create<T>(
        string exchange, string routingKey, T message, SendOptions? options, out int tooLarge) where T : class
    {
        tooLarge = 0;
        if (TooLong(routingKey) || TooLong(options?.MessageId) || TooLong(options?.CorrelationId)
            || TooLong(options?.ReplyTo) || options?.ReplyTo == DirectReplyTo)
        {
            return null;
        }
        var body = options?.Encoded?.Bytes ?? BusJson.Write(message);
        if (body.Length > MaxBodyBytes)
        {
            tooLarge = body.Length;
            return null;
        }
        return new(exchange, routingKey, PropertiesOf(message.GetType(), options), body);
    }

    private static BasicProperties PropertiesOf(Type type, SendOptions? options)
    {
        var properties = new BasicProperties
        {
            ContentType = options?.Encoded?.ContentType ?? BusJson.BareContentType,
            Type = BusJson.TypeName(type),
            DeliveryMode = options?.Persistent == true ? DeliveryModes.Persistent : DeliveryModes.Transient,
        };
        if (options is null)
        {
            return properties;
        }
        properties.MessageId = options.MessageId;
        properties.CorrelationId = options.CorrelationId;
        properties.ReplyTo = options.ReplyTo;
        if (options.TimeToLive is { } timeToLive)
        {
            var milliseconds = (long)Math.Clamp(timeToLive.TotalMilliseconds, 0, int.MaxValue);
            properties.Expiration = milliseconds.ToString(CultureInfo.InvariantCulture);
        }
        return properties;
    }

    /// <summary>
    /// What can be written again of a text that was read: bytes that are no UTF-8 come as a character of
    /// three bytes each. Null for what is too long by that.
    /// </summary>
    public static string? Writable(string? text) => TooLong(text) ? null : text;

    private static bool TooLong(string? text) =>
        text is not null
        && text.Length > MaxShortStringBytes / 3
        && Encoding.UTF8.GetByteCount(text) > MaxShortStringBytes;
}
