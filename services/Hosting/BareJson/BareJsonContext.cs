using System.Diagnostics.CodeAnalysis;
using System.Net.Mime;
using System.Text.Json;
using MassTransit;
using MassTransit.Metadata;
using MassTransit.Serialization;
using Muster.Bus;

namespace Muster.Hosting;

/// <summary>One bare message, read as its one contract: no other consumer of the endpoint sees it.</summary>
internal sealed class BareJsonContext(Type contract, object message, BareMessageContext context)
    : BaseSerializerContext(
        SystemTextJsonMessageSerializer.Instance, context, [MessageUrn.ForTypeString(contract)])
{
    private static readonly ContentType Envelope = new(BusJson.EnvelopeContentType);

    public override bool IsSupportedMessageType<T>() => typeof(T) == contract;

    public override bool IsSupportedMessageType(Type messageType) => messageType == contract;

    public override bool TryGetMessage<T>([NotNullWhen(true)] out T? found) where T : class
    {
        found = typeof(T) == contract ? (T)message : null;
        return found is not null;
    }

    public override bool TryGetMessage(Type messageType, [NotNullWhen(true)] out object? found)
    {
        found = messageType == contract ? message : null;
        return found is not null;
    }

    // Forwarded or scheduled by MassTransit, it goes on as an envelope, which keeps the contract's name.
    public override IMessageSerializer GetMessageSerializer() =>
        GetMessageSerializer(message, SupportedMessageTypes);

    public override IMessageSerializer GetMessageSerializer(object message, string[] messageTypes) =>
        new SystemTextJsonBodyMessageSerializer(
            new JsonMessageEnvelope(this, message, messageTypes),
            Envelope,
            SystemTextJsonMessageSerializer.Options,
            messageTypes);

    public override IMessageSerializer GetMessageSerializer<T>(MessageEnvelope envelope, T message)
    {
        var serializer = new SystemTextJsonBodyMessageSerializer(
            envelope, Envelope, SystemTextJsonMessageSerializer.Options);
        serializer.Overlay(message);
        return serializer;
    }

    public override Dictionary<string, object> ToDictionary<T>(T? message) where T : class =>
        message is null
            ? new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase)
            : JsonSerializer.SerializeToElement(message, SystemTextJsonMessageSerializer.Options)
                .Deserialize<Dictionary<string, object>>() ?? [];
}

/// <summary>
/// A bare message in MassTransit's terms. Ids that are no GUIDs have no place there; <see
/// cref="MessageOrigin"/> reads them. No response address: the answer is bare and leaves by <see
/// cref="IReplySender"/>.
/// </summary>
internal sealed class BareMessageContext(BareProperties properties, Headers headers, Uri? destinationAddress)
    : MessageContext
{
    public Guid? MessageId { get; } = Guid.TryParse(properties.MessageId, out var id) ? id : null;

    public Guid? CorrelationId { get; } = Guid.TryParse(properties.CorrelationId, out var id) ? id : null;

    public Guid? RequestId => null;

    public Guid? ConversationId => null;

    public Guid? InitiatorId => null;

    public DateTime? ExpirationTime => null;

    public Uri? SourceAddress => null;

    public Uri? DestinationAddress => destinationAddress;

    public Uri? ResponseAddress => null;

    public Uri? FaultAddress => null;

    public DateTime? SentTime => null;

    public Headers Headers => headers;

    public HostInfo Host => HostMetadataCache.Empty;
}
