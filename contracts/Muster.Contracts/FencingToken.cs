using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Contracts;

/// <summary>
/// The number that comes with a grant. Of two grants of one name the later has the greater token, for ever; a
/// resource that remembers the greatest token it saw and refuses smaller ones is safe from a holder that does
/// not know it lost. Below 2^53, so Lua and JavaScript hold it exactly. 0 means "none". A number on the wire.
/// </summary>
/// <param name="Value">0 to <see cref="MaxValue"/>; greater ones are never granted.</param>
[JsonConverter(typeof(FencingTokenJsonConverter))]
public readonly record struct FencingToken(long Value) : IComparable<FencingToken>
{
    /// <summary>The greatest token that a double holds exactly: 2^53 - 1.</summary>
    public const long MaxValue = (1L << 53) - 1;

    /// <summary>0: no grant. Smaller than the token of every grant.</summary>
    public static FencingToken None => default;

    /// <summary>
    /// By value. Only tokens of one lock group, or of one name, say which grant is the later.
    /// </summary>
    public int CompareTo(FencingToken other) => Value.CompareTo(other.Value);

    /// <summary>Of one name: the left is an earlier grant's.</summary>
    public static bool operator <(FencingToken left, FencingToken right) => left.Value < right.Value;

    /// <summary>Of one name: the left is a later grant's.</summary>
    public static bool operator >(FencingToken left, FencingToken right) => left.Value > right.Value;

    /// <summary>Of one name: the left is the same grant's, or an earlier one's.</summary>
    public static bool operator <=(FencingToken left, FencingToken right) => left.Value <= right.Value;

    /// <summary>Of one name: the left is the same grant's, or a later one's.</summary>
    public static bool operator >=(FencingToken left, FencingToken right) => left.Value >= right.Value;

    /// <summary>Decimal digits, as in the header <c>Muster-Fencing-Token</c>; "0" for none.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Writes a <see cref="FencingToken"/> as a plain number.</summary>
public sealed class FencingTokenJsonConverter : JsonConverter<FencingToken>
{
    /// <summary>Takes a whole number of 64 bits; anything else makes the message malformed.</summary>
    public override FencingToken Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetInt64());

    /// <summary>Writes a number; below 2^53, so every reader of JSON keeps all digits.</summary>
    public override void Write(Utf8JsonWriter writer, FencingToken value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Value);
}
