namespace Muster.Testing;

/// <summary>What an event of a history says about its operation.</summary>
public enum EventType
{
    /// <summary>It begins.</summary>
    Invoke,

    /// <summary>It is done, with the answer the event carries.</summary>
    Ok,

    /// <summary>It certainly had no effect.</summary>
    Fail,

    /// <summary>Nobody knows: it may take effect at any later time, or never.</summary>
    Info,
}

/// <summary>One line of a history file.</summary>
public sealed record HistoryEvent
{
    /// <summary>Who: one operation at a time.</summary>
    public required long Process { get; init; }

    /// <summary>What it says about the operation.</summary>
    public required EventType Type { get; init; }

    /// <summary>
    /// What the operation does. Needed to invoke; a completion may leave it out, else it is the invoked one.
    /// </summary>
    public string? Function { get; init; }

    /// <summary>The object it works on; a completion may leave it out, else it is the invoked one.</summary>
    public Value Key { get; init; }

    /// <summary>The argument of an invocation, the answer of a completion.</summary>
    public Value Value { get; init; }

    /// <summary>Of an ok: false when it was seen that the operation could not be done.</summary>
    public bool? Result { get; init; }

    /// <summary>Of a grant: its fencing token.</summary>
    public long? Token { get; init; }

    /// <summary>When, in nanoseconds from any start.</summary>
    public long? Time { get; init; }
}
