using System.Globalization;

namespace Muster.Testing;

/// <summary>Operations for people.</summary>
internal static class OperationText
{
    private const int LongestValue = 80;
    private const double NanosecondsPerMillisecond = 1e6;

    /// <summary>What was called.</summary>
    public static string Call(Operation operation) =>
        operation.Argument.IsNull ? operation.Function : $"{operation.Function} {Cut(operation.Argument)}";

    /// <summary>What came of it.</summary>
    public static string Answer(Operation operation)
    {
        if (operation.Outcome != Outcome.Ok)
        {
            return "unknown";
        }
        var parts = new List<string> { "ok" };
        if (!operation.Answer.IsNull || operation.Function is "read" or "get" or "dequeue")
        {
            parts.Add(Cut(operation.Answer));
        }
        if (operation.Result is { } result)
        {
            parts.Add(result ? "result true" : "result false");
        }
        if (operation.Token is { } token)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"token {token}"));
        }
        return string.Join(' ', parts);
    }

    /// <summary>From where to where among the events, and when if that is known.</summary>
    public static string Interval(Operation operation)
    {
        var end = operation.Outcome == Outcome.Ok
            ? operation.CompletedAt.ToString(CultureInfo.InvariantCulture)
            : "";
        var time = operation.InvokedTime is { } from
            ? $" ({Milliseconds(from)}..{(operation.CompletedTime is { } to ? Milliseconds(to) : "")} ms)"
            : "";
        return string.Create(CultureInfo.InvariantCulture, $"{operation.InvokedAt}..{end}{time}");
    }

    /// <summary>The key as a reader wrote it.</summary>
    public static string Key(Value key) => key.IsNull ? "the only key" : $"key {key}";

    private static string Cut(Value value) => value.ToString() is var text && text.Length > LongestValue
        ? $"{text[..(LongestValue / 2)]}…{text[^(LongestValue / 2)..]}"
        : text;

    private static string Milliseconds(long nanoseconds) =>
        (nanoseconds / NanosecondsPerMillisecond).ToString("0.###", CultureInfo.InvariantCulture);
}
