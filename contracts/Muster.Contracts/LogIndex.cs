using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Contracts;

/// <summary>
/// A position in a group's log. The first entry is 1; 0 stands before the log. A number on the wire.
/// </summary>
/// <param name="Value">0 or more.</param>
[JsonConverter(typeof(LogIndexJsonConverter))]
public readonly record struct LogIndex(long Value) : IComparable<LogIndex>
{
    /// <summary>Before the first entry: an empty log, nothing applied, or nothing known.</summary>
    public static LogIndex Zero => default;

    /// <summary>One further: where the next entry goes.</summary>
    public LogIndex Next() => new(Value + 1);

    /// <summary>One back. That of <see cref="Zero"/> is -1, which is no position.</summary>
    public LogIndex Previous() => new(Value - 1);

    /// <summary>
    /// By value. Indexes of two groups, or of one group's logs before and after a new bootstrap, say nothing
    /// about each other.
    /// </summary>
    public int CompareTo(LogIndex other) => Value.CompareTo(other.Value);

    /// <summary>So many entries further.</summary>
    public static LogIndex operator +(LogIndex left, long right) => new(left.Value + right);

    /// <summary>So many entries back.</summary>
    public static LogIndex operator -(LogIndex left, long right) => new(left.Value - right);

    /// <summary>How many entries the left is ahead; negative when it is behind.</summary>
    public static long operator -(LogIndex left, LogIndex right) => left.Value - right.Value;

    /// <summary>The left stands earlier in the log.</summary>
    public static bool operator <(LogIndex left, LogIndex right) => left.Value < right.Value;

    /// <summary>The left stands later in the log.</summary>
    public static bool operator >(LogIndex left, LogIndex right) => left.Value > right.Value;

    /// <summary>The left stands earlier, or both are one position.</summary>
    public static bool operator <=(LogIndex left, LogIndex right) => left.Value <= right.Value;

    /// <summary>The left stands later, or both are one position.</summary>
    public static bool operator >=(LogIndex left, LogIndex right) => left.Value >= right.Value;

    /// <summary>Decimal digits.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Writes a <see cref="LogIndex"/> as a plain number.</summary>
public sealed class LogIndexJsonConverter : JsonConverter<LogIndex>
{
    /// <summary>Takes a whole number of 64 bits; anything else makes the message malformed.</summary>
    public override LogIndex Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetInt64());

    /// <summary>Writes a number.</summary>
    public override void Write(Utf8JsonWriter writer, LogIndex value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Value);
}
