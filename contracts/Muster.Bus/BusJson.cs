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
    public const string BareContentType = "application/json";
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

    public static string TypeName(Type contract) => $"{contract.Namespace}:{contract.Name}";

    public static bool IsContract(string typeName) => Contracts.ContainsKey(typeName);

    public static Type? ContractOf(string typeName) => Contracts.GetValueOrDefault(typeName);

    public static byte[] Write<T>(T message) where T : class =>
        JsonSerializer.SerializeToUtf8Bytes(message, InfoOf(message.GetType()));

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
