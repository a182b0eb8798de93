using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using MassTransit;
using MassTransit.Serialization;
using Muster.Bus;

namespace Muster.Hosting;

/// <summary>
/// An envelope whose contracts are read as every bare message is: one meaning for both forms, also of a null
/// or an absent field. Messages that are no contracts (faults) are MassTransit's.
/// </summary>
internal sealed class EnvelopeContext(SerializerContext inner)
    : BaseSerializerContext(inner, inner, inner.SupportedMessageTypes)
{
    public override bool IsSupportedMessageType<T>() => inner.IsSupportedMessageType<T>();

    public override bool IsSupportedMessageType(Type messageType) =>
        inner.IsSupportedMessageType(messageType);

    public override bool TryGetMessage<T>([NotNullWhen(true)] out T? message) where T : class
    {
        if (!BusJson.IsContract(BusJson.TypeName(typeof(T))))
        {
            return inner.TryGetMessage(out message);
        }
        message = inner.IsSupportedMessageType<T>() ? ReadContract<T>() : null;
        return message is not null;
    }

    public override bool TryGetMessage(Type messageType, [NotNullWhen(true)] out object? message) =>
        inner.TryGetMessage(messageType, out message);

    public override IMessageSerializer GetMessageSerializer() => inner.GetMessageSerializer();

    public override IMessageSerializer GetMessageSerializer(object message, string[] messageTypes) =>
        inner.GetMessageSerializer(message, messageTypes);

    public override IMessageSerializer GetMessageSerializer<T>(MessageEnvelope envelope, T message) =>
        inner.GetMessageSerializer(envelope, message);

    public override Dictionary<string, object> ToDictionary<T>(T? message) where T : class =>
        inner.ToDictionary(message);

    private T ReadContract<T>() where T : class
    {
        try
        {
            return inner.TryGetMessage(out JsonObject? body)
                ? BusJson.ReadBody<T>(JsonSerializer.SerializeToUtf8Bytes(body))
                : throw new UnreadableMessageException($"The envelope's message is no {typeof(T).Name}.");
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            throw new UnreadableMessageException(
                $"The envelope's message is no {typeof(T).Name}: {unreadable.Message}");
        }
    }
}
