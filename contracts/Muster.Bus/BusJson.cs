using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Muster.Contracts;

namespace Muster.Bus;

/// <summary>
/// Contracts to and from JSON, and their names: <c>NAMESPACE:NAME</c>, MassTransit's exchange name of the
/// type.
/// </summary>
public static class BusJson
{
    /// <summary>The content type of bare JSON.</summary>
    public const string BareContentType = "application/json";

    /// <summary>The content type of MassTransit's envelope.</summary>
    public const string EnvelopeContentType = "application/vnd.masstransit+json";

    private static readonly FrozenDictionary<string, Type> Contracts =
        typeof(ContractJson).Assembly.GetExportedTypes()
        .Where(type => type is { IsAbstract: false, IsClass: true }
            && ContractJson.Default.GetTypeInfo(type) is not null)
        .ToFrozenDictionary(TypeName, StringComparer.Ordinal);

    // Not with ContractJson's generated metadata: that gives an absent init property default(T) instead of
    // its initializer (a missing name would be null, a missing TTL 0). An explicit null for what cannot be
    // null is malformed.
    private static readonly JsonSerializerOptions Options = new(ContractJson.Default.Options)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        RespectNullableAnnotations = true,
    };

    /// <summary>
    /// The type's name as a contract, whether it is one or not: <c>Muster.Contracts.Lock:AcquireLock</c>.
    /// </summary>
    public static string TypeName(Type contract) => $"{contract.Namespace}:{contract.Name}";

    /// <summary>Whether a contract has this name.</summary>
    public static bool IsContract(string typeName) => Contracts.ContainsKey(typeName);

    /// <summary>The contract of this name; null: none.</summary>
    public static Type? ContractOf(string typeName) => Contracts.GetValueOrDefault(typeName);

    /// <summary>The message as bare JSON.</summary>
    /// <exception cref="InvalidOperationException">It is no contract.</exception>
    public static byte[] Write<T>(T message) where T : class =>
        JsonSerializer.SerializeToUtf8Bytes(message, InfoOf(message.GetType()));

    /// <summary>The contract in a message, bare or in the envelope.</summary>
    /// <exception cref="JsonException">It is malformed.</exception>
    public static T Read<T>(LinkMessage message) where T : class
    {
        if (message.ContentType != EnvelopeContentType)
        {
            return ReadBody<T>(message.Body.Span);
        }
        using var envelope = JsonDocument.Parse(message.Body);
        return envelope.RootElement.TryGetProperty("message", out var body)
            ? body.Deserialize((JsonTypeInfo<T>)InfoOf(typeof(T)))
                ?? throw new JsonException("The envelope's message is null.")
            : throw new JsonException("The envelope has no message.");
    }

    /// <summary>A contract from bare JSON.</summary>
    /// <exception cref="JsonException">It is malformed.</exception>
    public static T ReadBody<T>(ReadOnlySpan<byte> body) where T : class =>
        JsonSerializer.Deserialize(body, (JsonTypeInfo<T>)InfoOf(typeof(T)))
            ?? throw new JsonException("The body is null.");

    /// <summary>As <see cref="ReadBody{T}"/>, for a contract that is known at run time only.</summary>
    public static object ReadBody(ReadOnlySpan<byte> body, Type contract) =>
        JsonSerializer.Deserialize(body, InfoOf(contract)) ?? throw new JsonException("The body is null.");

    private static JsonTypeInfo InfoOf(Type type) => IsContract(TypeName(type))
        ? Options.GetTypeInfo(type)
        : throw new InvalidOperationException($"{type} is not a contract.");
}
