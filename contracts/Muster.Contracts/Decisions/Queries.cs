namespace Muster.Contracts.Decisions;

/// <summary>
/// Asks what a key was decided to be. Answer: <see cref="DecisionRead"/>, refused or unknown.
/// </summary>
public sealed record GetDecision
{
    public string CommandId { get; init; } = "";

    public string Key { get; init; } = "";

    /// <summary>Linearizable by default. A cached answer's "not decided" is as old as it says.</summary>
    public ReadMode Mode { get; init; }

    public ReplyAddress? ReplyTo { get; init; }
}

public sealed record DecisionRead
{
    public string CommandId { get; init; } = "";

    public string Key { get; init; } = "";

    /// <summary>Null when nothing is decided.</summary>
    public Decision? Decision { get; init; }

    public Freshness Freshness { get; init; } = new();
}

/// <summary>
/// The decided keys of a prefix in ordinal order. Answer: <see cref="DecisionsListed"/>, refused or unknown.
/// </summary>
public sealed record ListDecisions
{
    public string CommandId { get; init; } = "";

    public string Prefix { get; init; } = "";

    /// <summary>Go on after this key; empty: from the first.</summary>
    public string After { get; init; } = "";

    /// <summary>1 to 1,000; default 1,000. Fewer come when the values fill 512 KiB.</summary>
    public int Limit { get; init; } = 1_000;

    public ReadMode Mode { get; init; }

    public ReplyAddress? ReplyTo { get; init; }
}

public sealed record DecisionsListed
{
    public string CommandId { get; init; } = "";

    public IReadOnlyList<Decision> Decisions { get; init; } = [];

    public bool IsTruncated { get; init; }

    /// <summary>The newest event's number, for a subscriber that starts from here.</summary>
    public long EventsHead { get; init; }

    public Freshness Freshness { get; init; } = new();
}
