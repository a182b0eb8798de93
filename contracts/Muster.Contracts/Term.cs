using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Contracts;

/// <summary>
/// A Raft term: counts elections of one group, starts at 0, never goes back. A number on the wire.
/// </summary>
/// <param name="Value">0 or more.</param>
[JsonConverter(typeof(TermJsonConverter))]
public readonly record struct Term(long Value) : IComparable<Term>
{
    /// <summary>Before the first election; no entry has it.</summary>
    public static Term Zero => default;

    /// <summary>The term in which a node of this one would stand.</summary>
    public Term Next() => new(Value + 1);

    /// <summary>By value. Terms of two groups say nothing about each other.</summary>
    public int CompareTo(Term other) => Value.CompareTo(other.Value);

    /// <summary>The left is the earlier term.</summary>
    public static bool operator <(Term left, Term right) => left.Value < right.Value;

    /// <summary>The left is the later term.</summary>
    public static bool operator >(Term left, Term right) => left.Value > right.Value;

    /// <summary>The left is the earlier term, or both are one.</summary>
    public static bool operator <=(Term left, Term right) => left.Value <= right.Value;

    /// <summary>The left is the later term, or both are one.</summary>
    public static bool operator >=(Term left, Term right) => left.Value >= right.Value;

    /// <summary>Decimal digits.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Writes a <see cref="Term"/> as a plain number.</summary>
public sealed class TermJsonConverter : JsonConverter<Term>
{
    /// <summary>Takes a whole number of 64 bits; anything else makes the message malformed.</summary>
    public override Term Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetInt64());

    /// <summary>Writes a number.</summary>
    public override void Write(Utf8JsonWriter writer, Term value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Value);
}
