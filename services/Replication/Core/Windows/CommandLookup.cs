namespace Muster.Replication.Core;

/// <summary>What a window knows of a command.</summary>
public enum CommandLookupKind
{
    /// <summary>Not seen, and there is room: apply it and record its result.</summary>
    New,

    /// <summary>Applied before: answer with <see cref="CommandLookup{TResult}.Result"/> again.</summary>
    Duplicate,

    /// <summary>The client said that it has the answer: drop it.</summary>
    AlreadyAnswered,

    /// <summary>Not seen, but the window has no room: refuse it, without recording anything.</summary>
    Full,
}

public readonly record struct CommandLookup<TResult>(CommandLookupKind Kind, TResult? Result = default);
