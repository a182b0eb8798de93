using System.Net.Mime;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Serialization;

namespace Muster.Hosting;

/// <summary>
/// MassTransit's envelope with two checks before it: size, and that its ids and addresses can be read.
/// MassTransit reads those late; an id that is no GUID would then throw on the way to the error queue too,
/// and the message come back for ever.
/// </summary>
internal sealed class EnvelopeFactory(int maxMessageBytes) : ISerializerFactory
{
    private readonly SystemTextJsonMessageSerializerFactory _inner = new();

    public ContentType ContentType => _inner.ContentType;

    public IMessageSerializer CreateSerializer() => _inner.CreateSerializer();

    public IMessageDeserializer CreateDeserializer() =>
        new EnvelopeDeserializer(_inner.CreateDeserializer(), maxMessageBytes);
}

internal sealed class EnvelopeDeserializer(IMessageDeserializer inner, int maxMessageBytes)
    : IMessageDeserializer
{
    public ContentType ContentType => inner.ContentType;

    public ConsumeContext Deserialize(ReceiveContext receiveContext) => new BodyConsumeContext(
        receiveContext,
        Deserialize(receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress));

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null)
    {
        UnreadableMessageException.ThrowIfOver(maxMessageBytes, body);
        var context = inner.Deserialize(body, headers, destinationAddress);
        Check(context);
        return new EnvelopeContext(context);
    }

    public MessageBody GetMessageBody(string text) => inner.GetMessageBody(text);

    public void Probe(ProbeContext context) => inner.Probe(context);

    private static void Check(MessageContext context)
    {
        try
        {
            ReadAll(context);
        }
        catch (FormatException unreadable)
        {
            throw new UnreadableMessageException(
                $"The envelope has an unreadable id or address: {unreadable.Message}");
        }
        if (!IsBusAddress(context.ResponseAddress) || !IsBusAddress(context.FaultAddress))
        {
            throw new UnreadableMessageException(
                "The envelope's response or fault address is not one of this bus: "
                + $"'{context.ResponseAddress}', '{context.FaultAddress}'.");
        }
    }

    // Each is parsed at its first use, and throws then if it cannot be.
    private static void ReadAll(MessageContext context)
    {
        _ = context.MessageId;
        _ = context.RequestId;
        _ = context.CorrelationId;
        _ = context.ConversationId;
        _ = context.InitiatorId;
        _ = context.SourceAddress;
        _ = context.DestinationAddress;
        _ = context.ResponseAddress;
        _ = context.FaultAddress;
    }

    private static bool IsBusAddress(Uri? address) =>
        address is null || EnvelopeRoute.IsBusScheme(address.Scheme);
}
