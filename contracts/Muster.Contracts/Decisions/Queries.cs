namespace Muster.Contracts.Decisions;

/// <summary>
/// Asks what a key was decided to be. Answer: <see cref="DecisionRead"/>, refused or unknown.
/// </summary>
public sealed record GetDecision
{
    /// <summary>
    /// Names the query in its answer; any text. Empty in a message of its own: that message's id counts.
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <summary>As in <see cref="ProposeValue.Key"/>, else refused (KeyInvalid).</summary>
    public string Key { get; init; } = "";

    /// <summary>Linearizable by default. A cached answer's "not decided" is as old as it says.</summary>
    public ReadMode Mode { get; init; }

    /// <inheritdoc cref="ProposeValue.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The answer to <see cref="GetDecision"/>.</summary>
public sealed record DecisionRead
{
    /// <summary>The id of the query that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The key that was asked for.</summary>
    public string Key { get; init; } = "";

    /// <summary>Null when nothing is decided.</summary>
    public Decision? Decision { get; init; }

    /// <inheritdoc cref="ValueProposed.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>
/// The decided keys of a prefix in ordinal order. Answer: <see cref="DecisionsListed"/>, refused or unknown.
/// </summary>
public sealed record ListDecisions
{
    /// <inheritdoc cref="GetDecision.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>Only keys that begin so, compared ordinally; empty (default): all.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Go on after this key; empty: from the first.</summary>
    public string After { get; init; } = "";

    /// <summary>1 to 1,000; default 1,000. Fewer come when the values fill 512 KiB.</summary>
    public int Limit { get; init; } = 1_000;

    /// <inheritdoc cref="GetDecision.Mode"/>
    public ReadMode Mode { get; init; }

    /// <inheritdoc cref="ProposeValue.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>One page of the answer to <see cref="ListDecisions"/>.</summary>
public sealed record DecisionsListed
{
    /// <inheritdoc cref="DecisionRead.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>By key in ordinal order; empty: there are none after that.</summary>
    public IReadOnlyList<Decision> Decisions { get; init; } = [];

    /// <summary>
    /// There are more after the last one: ask again, <see cref="ListDecisions.After"/> its key.
    /// </summary>
    public bool IsTruncated { get; init; }

    /// <summary>The newest event's number, for a subscriber that starts from here.</summary>
    public long EventsHead { get; init; }

    /// <inheritdoc cref="ValueProposed.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}
