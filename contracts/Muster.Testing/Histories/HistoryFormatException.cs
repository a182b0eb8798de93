using System.Globalization;

namespace Muster.Testing;

/// <summary>
/// A history that cannot be read: malformed, or with an event that cannot follow the others.
/// </summary>
public sealed class HistoryFormatException : Exception
{
    /// <summary>An exception without a place.</summary>
    public HistoryFormatException()
    {
    }

    /// <summary>An exception without a place.</summary>
    public HistoryFormatException(string message)
        : base(message)
    {
    }

    /// <summary>An exception without a place.</summary>
    public HistoryFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What is wrong, and where.</summary>
    public HistoryFormatException(long line, string message, Exception? innerException = null)
        : base(string.Create(CultureInfo.InvariantCulture, $"line {line}: {message}"), innerException) =>
        Line = line;

    /// <summary>The line, or the event's number, from 1; 0: of no certain one.</summary>
    public long Line { get; }
}
