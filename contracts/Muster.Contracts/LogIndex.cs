using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Contracts;

/// <summary>
/// A position in a group's log. The first entry is 1; 0 stands before the log. A number on the wire.
/// </summary>
[JsonConverter(typeof(LogIndexJsonConverter))]
public readonly record struct LogIndex(long Value) : IComparable<LogIndex>
{
    public static LogIndex Zero => default;

    public LogIndex Next() => new(Value + 1);

    public LogIndex Previous() => new(Value - 1);

    public int CompareTo(LogIndex other) => Value.CompareTo(other.Value);

    public static LogIndex operator +(LogIndex left, long right) => new(left.Value + right);

    public static LogIndex operator -(LogIndex left, long right) => new(left.Value - right);

    public static long operator -(LogIndex left, LogIndex right) => left.Value - right.Value;

    public static bool operator <(LogIndex left, LogIndex right) => left.Value < right.Value;

    public static bool operator >(LogIndex left, LogIndex right) => left.Value > right.Value;

    public static bool operator <=(LogIndex left, LogIndex right) => left.Value <= right.Value;

    public static bool operator >=(LogIndex left, LogIndex right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Writes a <see cref="LogIndex"/> as a plain number.</summary>
public sealed class LogIndexJsonConverter : JsonConverter<LogIndex>
{
    public override LogIndex Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, LogIndex value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Value);
}
