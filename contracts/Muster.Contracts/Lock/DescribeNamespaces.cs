namespace Muster.Contracts.Lock;

/// <summary>
/// The namespaces of one group that have limits or something in use, in ordinal order, read linearizably page
/// by page. Answer: <see cref="NamespacesDescribed"/>, <see cref="LockRefused"/> or <see
/// cref="LockUnknown"/>.
/// </summary>
public sealed record DescribeNamespaces
{
    /// <inheritdoc cref="DescribeLock.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>Of several lock groups the number of the one that is meant, from 0.</summary>
    public int GroupNumber { get; init; }

    /// <summary>
    /// Only namespaces after this one: the last of the page before. Null (default): from the first, which may
    /// be the empty one.
    /// </summary>
    public string? After { get; init; }

    /// <summary>1 to 1,000, default 100.</summary>
    public int Limit { get; init; } = 100;

    /// <inheritdoc cref="ReleaseLock.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// One page of the answer to <see cref="DescribeNamespaces"/>, of the one group that was asked.
/// </summary>
public sealed record NamespacesDescribed
{
    /// <summary>The id of the query that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// By name in ordinal order, at most the asked limit; empty: there are none after that.
    /// </summary>
    public IReadOnlyList<NamespaceDescription> Namespaces { get; init; } = [];

    /// <summary>How many groups the lock service has.</summary>
    public int Groups { get; init; }

    /// <summary>There are more namespaces after the last one here.</summary>
    public bool HasMore { get; init; }

    /// <inheritdoc cref="LockGranted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>A namespace in one group.</summary>
public sealed record NamespaceDescription
{
    /// <inheritdoc cref="SetNamespaceLimits.Namespace"/>
    public string Namespace { get; init; } = "";

    /// <summary>The number of the group.</summary>
    public int GroupNumber { get; init; }

    /// <summary>All 0: it has none of its own.</summary>
    public NamespaceLimits Limits { get; init; } = new();

    /// <summary>What it has in use now; it may be above limits that were set later.</summary>
    public NamespaceUse Use { get; init; } = new();
}
