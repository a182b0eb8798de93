using System.Text.Encodings.Web;
using System.Text.Json;

namespace Muster.Testing;

/// <summary>Values from and to JSON.</summary>
internal static class ValueJson
{
    public static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <exception cref="FormatException">It is an object, or a number beyond all bounds.</exception>
    public static Value Read(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => Value.Null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => Value.ParseNumber(element.GetRawText()),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Array => Value.ListOf([.. element.EnumerateArray().Select(Read)]),
        _ => throw new FormatException("a value is null, a Boolean, a number, a string or a list of such."),
    };

    // ToString writes JSON; the only kind of text that is none is not let into a Value.
    public static void Write(Utf8JsonWriter writer, Value value) => writer.WriteRawValue(value.ToString());

    public static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, Encoder)}\"";
}
