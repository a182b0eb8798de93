using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Contracts;

/// <summary>
/// A Raft term: counts elections of one group, starts at 0, never goes back. A number on the wire.
/// </summary>
[JsonConverter(typeof(TermJsonConverter))]
public readonly record struct Term(long Value) : IComparable<Term>
{
    public static Term Zero => default;

    public Term Next() => new(Value + 1);

    public int CompareTo(Term other) => Value.CompareTo(other.Value);

    public static bool operator <(Term left, Term right) => left.Value < right.Value;

    public static bool operator >(Term left, Term right) => left.Value > right.Value;

    public static bool operator <=(Term left, Term right) => left.Value <= right.Value;

    public static bool operator >=(Term left, Term right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Writes a <see cref="Term"/> as a plain number.</summary>
public sealed class TermJsonConverter : JsonConverter<Term>
{
    public override Term Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, Term value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Value);
}
