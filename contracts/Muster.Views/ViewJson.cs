using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Muster.Contracts;

namespace Muster.Views;

/// <summary>Views and announcements as values and messages of Redis: JSON as on the bus.</summary>
internal static class ViewJson
{
    // Not the generated metadata: it gives an absent property default(T) instead of its initializer.
    private static readonly JsonSerializerOptions Options = new(ContractJson.Default.Options)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        RespectNullableAnnotations = true,
    };

    public static byte[] Write<T>(T value) where T : class =>
        JsonSerializer.SerializeToUtf8Bytes(value, Options);

    /// <summary>Null when it is not what it should be: whoever may write to Redis wrote it.</summary>
    public static T? Read<T>(ReadOnlyMemory<byte> json) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json.Span, Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
