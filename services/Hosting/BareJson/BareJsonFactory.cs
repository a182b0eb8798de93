using System.Net.Mime;
using System.Text.Json;
using MassTransit;
using MassTransit.Context;
using MassTransit.Serialization;
using Muster.Bus;

namespace Muster.Hosting;

/// <summary>
/// Reads bare JSON that any AMQP client publishes, content type application/json or none. Writes nothing.
/// </summary>
internal sealed class BareJsonFactory(BusNames names, int maxMessageBytes) : ISerializerFactory
{
    public ContentType ContentType => BareJsonDeserializer.Json;

    public IMessageSerializer CreateSerializer() =>
        throw new NotSupportedException("Answers in bare JSON leave through the bus link.");

    public IMessageDeserializer CreateDeserializer() =>
        new BareJsonDeserializer(new ContractSelector(names), maxMessageBytes);
}

internal sealed class BareJsonDeserializer(ContractSelector contracts, int maxMessageBytes)
    : IMessageDeserializer
{
    public static readonly ContentType Json = new(BusJson.BareContentType);

    public ContentType ContentType => Json;

    public ConsumeContext Deserialize(ReceiveContext receiveContext)
    {
        if (receiveContext.ContentType is { } contentType
            && !contentType.MediaType.Equals(BusJson.BareContentType, StringComparison.OrdinalIgnoreCase))
        {
            throw new UnreadableMessageException(
                $"The content type '{contentType.MediaType}' is not understood: "
                + $"{BusJson.BareContentType}, {BusJson.EnvelopeContentType} or none.");
        }
        var properties = BareProperties.Of(receiveContext);
        return new BodyConsumeContext(receiveContext, Read(
            receiveContext.Body, properties, receiveContext.TransportHeaders, receiveContext.InputAddress));
    }

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        Read(body, BareProperties.Of(headers), headers, destinationAddress);

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public void Probe(ProbeContext context) =>
        context.CreateScope("bareJson").Add("contentType", Json.MediaType);

    private BareJsonContext Read(
        MessageBody body, BareProperties properties, Headers headers, Uri? destinationAddress)
    {
        UnreadableMessageException.ThrowIfOver(maxMessageBytes, body);
        var contract = contracts.Select(properties);
        return new BareJsonContext(
            contract,
            Parse(body.GetBytes(), contract),
            new BareMessageContext(properties, headers, destinationAddress));
    }

    private static object Parse(byte[] body, Type contract)
    {
        try
        {
            return BusJson.ReadBody(body, contract);
        }
        catch (JsonException malformed)
        {
            throw new UnreadableMessageException($"The body is no {contract.Name}: {malformed.Message}");
        }
    }
}
