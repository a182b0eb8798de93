namespace Muster.Contracts.Lock;

/// <summary>
/// The names of one group that are held, waited for or delayed, in ordinal order, read linearizably page by
/// page. Answer: <see cref="LocksListed"/>, <see cref="LockRefused"/> or <see cref="LockUnknown"/>.
/// </summary>
public sealed record ListLocks
{
    /// <inheritdoc cref="DescribeLock.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>Of several lock groups the number of the one that is meant, from 0.</summary>
    public int GroupNumber { get; init; }

    /// <summary>Only names that begin so; empty (default): all.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Only names after this one: the last of the page before.</summary>
    public string After { get; init; } = "";

    /// <summary>1 to 1,000, default 100.</summary>
    public int Limit { get; init; } = 100;

    /// <inheritdoc cref="ReleaseLock.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>One page of the answer to <see cref="ListLocks"/>.</summary>
public sealed record LocksListed
{
    /// <summary>The id of the query that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// By name in ordinal order, at most the asked limit; empty: there are none after that.
    /// </summary>
    public IReadOnlyList<LockSummary> Locks { get; init; } = [];

    /// <summary>How many groups the lock service has.</summary>
    public int Groups { get; init; }

    /// <summary>There are more names after the last one here.</summary>
    public bool HasMore { get; init; }

    /// <inheritdoc cref="LockGranted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>One name in use, in a list.</summary>
public sealed record LockSummary
{
    /// <summary>The lock's name; of an election <c>muster:election:NAME</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>Who was granted first of those who hold it; null: nobody does.</summary>
    public LockHolder? Holder { get; init; }

    /// <summary>All holders; 0 while it is only waited for or delayed.</summary>
    public int HolderCount { get; init; }

    /// <summary>All waiters, a waiting upgrade included.</summary>
    public int WaiterCount { get; init; }

    /// <summary>A semaphore's size; 0 of a lock.</summary>
    public int MaxPermits { get; init; }
}
