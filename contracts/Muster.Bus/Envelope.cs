using System.Buffers;
using System.Text.Json;

namespace Muster.Bus;

/// <summary>
/// As much of MassTransit's envelope as events need: its consumers read it, and links read theirs.
/// </summary>
internal static class Envelope
{
    public const string UrnPrefix = "urn:message:";

    public static byte[] Write(
        string typeName, ReadOnlySpan<byte> bareJson, Guid messageId, DateTimeOffset sentTime)
    {
        var buffer = new ArrayBufferWriter<byte>(bareJson.Length + 256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("messageId", messageId);
            writer.WriteStartArray("messageType");
            writer.WriteStringValue(UrnPrefix + typeName);
            writer.WriteEndArray();
            writer.WritePropertyName("message");
            // Our own serializer made it a moment ago.
            writer.WriteRawValue(bareJson, skipInputValidation: true);
            writer.WriteString("sentTime", sentTime.UtcDateTime);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The first of the envelope's message types that is a contract.</summary>
    /// <exception cref="JsonException">Not an envelope.</exception>
    public static string? TypeOf(ReadOnlyMemory<byte> body)
    {
        using var envelope = JsonDocument.Parse(body);
        if (envelope.RootElement.ValueKind != JsonValueKind.Object
            || !envelope.RootElement.TryGetProperty("messageType", out var urns)
            || urns.ValueKind != JsonValueKind.Array)
        {
            throw new JsonException("The envelope has no message type.");
        }
        return urns.EnumerateArray().Select(ContractOf).FirstOrDefault(name => name is not null);
    }

    private static string? ContractOf(JsonElement urn) =>
        urn.ValueKind == JsonValueKind.String
        && urn.GetString() is { } text
        && text.StartsWith(UrnPrefix, StringComparison.Ordinal)
        && BusJson.IsContract(text[UrnPrefix.Length..])
            ? text[UrnPrefix.Length..]
            : null;
}
