namespace Muster.Testing;

/// <summary>One operation of a history, from its invocation to its completion.</summary>
public sealed record Operation
{
    /// <summary>Who invoked it: the owner of what it acquires.</summary>
    public required long Process { get; init; }

    /// <summary>What it does: read, write, acquire and so on; the model knows which.</summary>
    public required string Function { get; init; }

    /// <summary>The object it works on; null: the only one. Each key is checked alone.</summary>
    public Value Key { get; init; }

    /// <summary>What it was invoked with.</summary>
    public Value Argument { get; init; }

    /// <summary>How it ended.</summary>
    public Outcome Outcome { get; init; }

    /// <summary>The value its completion carried: what a read saw. Null unless it ended ok.</summary>
    public Value Answer { get; init; }

    /// <summary>
    /// False: it was seen that the operation could not be done (a cas that did not match, a lock that was
    /// not to be had). Null, the default, counts as true.
    /// </summary>
    public bool? Result { get; init; }

    /// <summary>The fencing token of a grant, where it is known.</summary>
    public long? Token { get; init; }

    /// <summary>The place of its invocation among the history's events; a file's line, from 1.</summary>
    public long InvokedAt { get; init; }

    /// <summary>The place of its completion; <see cref="long.MaxValue"/> without one.</summary>
    public long CompletedAt { get; init; } = long.MaxValue;

    /// <summary>When it was invoked, in nanoseconds; shown, not judged.</summary>
    public long? InvokedTime { get; init; }

    /// <summary>When it completed, in nanoseconds; shown, not judged.</summary>
    public long? CompletedTime { get; init; }

    /// <summary>Whether it was seen that it could not be done.</summary>
    internal bool WasRefused => Result == false;
}
