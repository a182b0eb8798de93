using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Contracts;

/// <summary>
/// The number that comes with a grant. Of two grants of one name the later has the greater token, for ever; a
/// resource that remembers the greatest token it saw and refuses smaller ones is safe from a holder that does
/// not know it lost. Below 2^53, so Lua and JavaScript hold it exactly. 0 means "none". A number on the wire.
/// </summary>
[JsonConverter(typeof(FencingTokenJsonConverter))]
public readonly record struct FencingToken(long Value) : IComparable<FencingToken>
{
    /// <summary>The greatest token that a double holds exactly: 2^53 - 1.</summary>
    public const long MaxValue = (1L << 53) - 1;

    public static FencingToken None => default;

    public int CompareTo(FencingToken other) => Value.CompareTo(other.Value);

    public static bool operator <(FencingToken left, FencingToken right) => left.Value < right.Value;

    public static bool operator >(FencingToken left, FencingToken right) => left.Value > right.Value;

    public static bool operator <=(FencingToken left, FencingToken right) => left.Value <= right.Value;

    public static bool operator >=(FencingToken left, FencingToken right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Writes a <see cref="FencingToken"/> as a plain number.</summary>
public sealed class FencingTokenJsonConverter : JsonConverter<FencingToken>
{
    public override FencingToken Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, FencingToken value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Value);
}
