using System.Text;
using System.Text.Json;

namespace Muster.Testing;

/// <summary>Writes histories as the JSON lines that <see cref="HistoryReader"/> reads.</summary>
public static class HistoryWriter
{
    private static readonly JsonWriterOptions OneLine = new() { Encoder = ValueJson.Encoder };

    /// <summary>Writes one event a line, in order.</summary>
    public static void Write(TextWriter writer, IEnumerable<HistoryEvent> events)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(events);
        using var line = new MemoryStream();
        foreach (var next in events)
        {
            line.SetLength(0);
            using (var json = new Utf8JsonWriter(line, OneLine))
            {
                Write(json, next);
            }
            writer.Write(Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length));
            writer.Write('\n');
        }
    }

    private static void Write(Utf8JsonWriter json, HistoryEvent next)
    {
        json.WriteStartObject();
        json.WriteNumber("process", next.Process);
        json.WriteString("type", next.Type switch
        {
            EventType.Invoke => "invoke",
            EventType.Ok => "ok",
            EventType.Fail => "fail",
            _ => "info",
        });
        if (next.Function is not null)
        {
            json.WriteString("f", next.Function);
        }
        Write(json, "key", next.Key);
        Write(json, "value", next.Value);
        if (next.Result is { } result)
        {
            json.WriteBoolean("result", result);
        }
        Write(json, "token", next.Token is { } token ? token : Value.Null);
        Write(json, "time", next.Time is { } time ? time : Value.Null);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Value value)
    {
        if (!value.IsNull)
        {
            json.WritePropertyName(name);
            ValueJson.Write(json, value);
        }
    }
}
