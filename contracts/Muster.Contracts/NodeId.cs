using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Contracts;

/// <summary>
/// The name of one consensus node, compared ordinally. A string on the wire; empty means "none".
/// </summary>
/// <param name="Value">1 to 64 letters, digits, '-' and '_'; empty or null: none.</param>
[JsonConverter(typeof(NodeIdJsonConverter))]
public readonly record struct NodeId(string Value) : IComparable<NodeId>
{
    /// <summary>No node: the empty name.</summary>
    public static NodeId None => new("");

    /// <summary>The name is empty, or never set: <c>default</c> is none too.</summary>
    public bool IsNone => string.IsNullOrEmpty(Value);

    /// <summary>Ordinally; of candidates with equal logs the smaller name goes first.</summary>
    public int CompareTo(NodeId other) => string.CompareOrdinal(Value, other.Value);

    /// <summary>The left comes earlier in ordinal order.</summary>
    public static bool operator <(NodeId left, NodeId right) => left.CompareTo(right) < 0;

    /// <summary>The left comes later in ordinal order.</summary>
    public static bool operator >(NodeId left, NodeId right) => left.CompareTo(right) > 0;

    /// <summary>The left comes earlier in ordinal order, or both are one node.</summary>
    public static bool operator <=(NodeId left, NodeId right) => left.CompareTo(right) <= 0;

    /// <summary>The left comes later in ordinal order, or both are one node.</summary>
    public static bool operator >=(NodeId left, NodeId right) => left.CompareTo(right) >= 0;

    /// <summary>The name; "none" for no node, which is for people and not the form on the wire.</summary>
    public override string ToString() => IsNone ? "none" : Value;
}

/// <summary>Writes a <see cref="NodeId"/> as a plain string.</summary>
public sealed class NodeIdJsonConverter : JsonConverter<NodeId>
{
    /// <summary>Takes a string, or null for none; anything else makes the message malformed.</summary>
    public override NodeId Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? "");

    /// <summary>Writes a string, empty for none.</summary>
    public override void Write(Utf8JsonWriter writer, NodeId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value ?? "");
}
