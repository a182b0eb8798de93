using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Muster.Testing;

/// <summary>
/// Reads histories as JSON lines, one event a line, in order of real time:
/// <c>{"process":1,"type":"invoke","f":"cas","key":"k","value":[1,2]}</c>, then
/// <c>{"process":1,"type":"ok","f":"cas","key":"k","result":false}</c>. Other members are ignored, and so are
/// blank lines.
/// </summary>
public static class HistoryReader
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="HistoryFormatException">
    /// A line cannot be read, or not follow those before.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static History ReadFile(string path)
    {
        using var lines = new StreamReader(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        try
        {
            return Read(lines);
        }
        catch (DecoderFallbackException refused)
        {
            // Two texts that are none would be read as the same one.
            var number = 1 + File.ReadLines(path, Encoding.Latin1)
                .TakeWhile(line => Utf8.IsValid(Encoding.Latin1.GetBytes(line))).LongCount();
            throw new HistoryFormatException(number, "not UTF-8.", refused);
        }
    }

    /// <summary>Reads to the end.</summary>
    /// <exception cref="HistoryFormatException">
    /// A line cannot be read, or not follow those before.
    /// </exception>
    public static History Read(TextReader lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var builder = new HistoryBuilder();
        for (var number = 1L; lines.ReadLine() is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                builder.Add(ReadLine(line, number), number);
            }
        }
        return builder.Build();
    }

    private static HistoryEvent ReadLine(string line, long number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? ReadEvent(document.RootElement)
                : throw new FormatException("an event is an object.");
        }
        // InvalidOperationException: a string with a lone surrogate has no text.
        catch (Exception refused)
            when (refused is JsonException or FormatException or InvalidOperationException)
        {
            // Where the parser counts lines itself, each is its first.
            var reason = refused.Message.Split(" LineNumber:")[0];
            throw new HistoryFormatException(number, reason, refused);
        }
    }

    private static HistoryEvent ReadEvent(JsonElement line)
    {
        var type = Member(line, "type", JsonValueKind.String)?.GetString();
        return new HistoryEvent
        {
            Process = Integer(line, "process") ?? throw new FormatException("an event needs a process."),
            Type = type switch
            {
                "invoke" => EventType.Invoke,
                "ok" => EventType.Ok,
                "fail" => EventType.Fail,
                "info" => EventType.Info,
                null => throw new FormatException("an event needs a type: invoke, ok, fail or info."),
                _ => throw new FormatException($"'{type}' is no type: invoke, ok, fail or info."),
            },
            Function = Member(line, "f", JsonValueKind.String)?.GetString(),
            Key = Scalar(line, "key"),
            Value = line.TryGetProperty("value", out var value) ? ValueJson.Read(value) : Value.Null,
            Result = Member(line, "result", JsonValueKind.True, JsonValueKind.False)?.GetBoolean(),
            Token = Integer(line, "token"),
            Time = Integer(line, "time"),
        };
    }

    private static Value Scalar(JsonElement line, string name) =>
        line.TryGetProperty(name, out var member) && ValueJson.Read(member) is var value
            ? value.Kind != ValueKind.List ? value : throw new FormatException($"{name} is one value.")
            : Value.Null;

    private static long? Integer(JsonElement line, string name) =>
        Member(line, name, JsonValueKind.Number) is not { } member ? null
            : Value.ParseNumber(member.GetRawText()).WholeNumber
                ?? throw new FormatException($"{name} is an integer of 64 bits.");

    /// <summary>The member, or null when it is left out or null.</summary>
    private static JsonElement? Member(JsonElement line, string name, params JsonValueKind[] kinds) =>
        !line.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null ? null
            : kinds.Contains(member.ValueKind) ? member
            : throw new FormatException($"{name} is not to be {member.GetRawText()}.");
}
