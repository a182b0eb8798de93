using System.Net.Mime;
using MassTransit;

namespace Muster.Bus;

/// <summary>How a <see cref="LinkFrame"/> is put into and taken out of a transport message.</summary>
internal sealed class FrameSerializer(string contentType) : IMessageSerializer
{
    private const string ExchangeHeader = "muster-exchange";
    private const string TypeHeader = "muster-type";
    private const string CorrelationHeader = "muster-correlation-id";
    private const string MessageHeader = "muster-message-id";
    private const string ReplyHeader = "muster-reply-to";
    private const string ExpiryHeader = "muster-expires-at";

    private static readonly FrameSerializer Bare = new(BusJson.BareContentType);
    private static readonly FrameSerializer Enveloped = new(BusJson.EnvelopeContentType);

    public ContentType ContentType { get; } = new(contentType);

    public MessageBody GetMessageBody<T>(SendContext<T> context) where T : class =>
        context.Message is LinkFrame frame
            ? new BytesMessageBody(frame.Body)
            : throw new InvalidOperationException($"{typeof(T)} is not a link's frame.");

    public static void Prepare(SendContext<LinkFrame> context)
    {
        var frame = context.Message;
        context.Serializer = frame.ContentType switch
        {
            BusJson.BareContentType => Bare,
            BusJson.EnvelopeContentType => Enveloped,
            _ => new FrameSerializer(frame.ContentType),
        };
        var headers = context.Headers;
        headers.Set(ExchangeHeader, frame.Exchange);
        headers.Set(TypeHeader, frame.Type);
        SetUnlessNull(headers, CorrelationHeader, frame.CorrelationId);
        SetUnlessNull(headers, MessageHeader, frame.MessageId);
        SetUnlessNull(headers, ReplyHeader, frame.ReplyTo);
        if (frame.ExpiresAt != 0)
        {
            headers.Set(ExpiryHeader, frame.ExpiresAt, true);
        }
    }

    /// <summary>Null for a message that is from MassTransit itself and not from a link.</summary>
    public static LinkFrame? Read(ReceiveContext context)
    {
        var headers = context.TransportHeaders;
        if (headers.Get<string>(TypeHeader) is not { } type)
        {
            return null;
        }
        return new LinkFrame
        {
            Type = type,
            Exchange = headers.Get<string>(ExchangeHeader) ?? "",
            Body = context.Body.GetBytes(),
            ContentType = MessageTypes.ContentTypeOf(context.ContentType?.MediaType),
            CorrelationId = headers.Get<string>(CorrelationHeader),
            MessageId = headers.Get<string>(MessageHeader),
            ReplyTo = headers.Get<string>(ReplyHeader),
            ExpiresAt = headers.Get<long>(ExpiryHeader) ?? 0,
        };
    }

    private static void SetUnlessNull(SendHeaders headers, string name, string? value)
    {
        if (value is not null)
        {
            headers.Set(name, value);
        }
    }
}
