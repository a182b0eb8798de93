namespace Muster.Contracts.Lock;

/// <summary>
/// The names of one group that are held, waited for or delayed, in ordinal order, read linearizably page by
/// page. Answer: <see cref="LocksListed"/>, <see cref="LockRefused"/> or <see cref="LockUnknown"/>.
/// </summary>
public sealed record ListLocks
{
    public string CommandId { get; init; } = "";

    /// <summary>Of several lock groups the number of the one that is meant, from 0.</summary>
    public int GroupNumber { get; init; }

    /// <summary>Only names that begin so; empty (default): all.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Only names after this one: the last of the page before.</summary>
    public string After { get; init; } = "";

    /// <summary>1 to 1,000, default 100.</summary>
    public int Limit { get; init; } = 100;

    public ReplyAddress? ReplyTo { get; init; }
}

public sealed record LocksListed
{
    public string CommandId { get; init; } = "";

    public IReadOnlyList<LockSummary> Locks { get; init; } = [];

    /// <summary>How many groups the lock service has.</summary>
    public int Groups { get; init; }

    /// <summary>There are more names after the last one here.</summary>
    public bool HasMore { get; init; }

    public Freshness Freshness { get; init; } = new();
}

public sealed record LockSummary
{
    public string Name { get; init; } = "";

    /// <summary>Who was granted first of those who hold it; null: nobody does.</summary>
    public LockHolder? Holder { get; init; }

    public int HolderCount { get; init; }

    public int WaiterCount { get; init; }

    /// <summary>A semaphore's size; 0 of a lock.</summary>
    public int MaxPermits { get; init; }
}
