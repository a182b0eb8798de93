namespace Muster.Contracts.Lock;

/// <summary>
/// Who holds a name and who waits, read linearizably. Answer: <see cref="LockDescription"/>,
/// <see cref="LockRefused"/> or <see cref="LockUnknown"/>.
/// </summary>
public sealed record DescribeLock
{
    public string CommandId { get; init; } = "";

    public string Name { get; init; } = "";

    public ReplyAddress? ReplyTo { get; init; }
}

public sealed record LockDescription
{
    public string CommandId { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>The first 100, in the order of their grants; none when the lock is free.</summary>
    public IReadOnlyList<LockHolder> Holders { get; init; } = [];

    public int HolderCount { get; init; }

    /// <summary>A semaphore's size; 0 of a lock.</summary>
    public int MaxPermits { get; init; }

    /// <summary>
    /// For so many milliseconds nobody is granted the lock: its holder's session, which had a lock delay,
    /// expired.
    /// </summary>
    public long DelayedMilliseconds { get; init; }

    /// <summary>The first 100 waiters, in their order.</summary>
    public IReadOnlyList<LockWaiter> Waiters { get; init; } = [];

    public int WaiterCount { get; init; }

    public Freshness Freshness { get; init; } = new();
}

public sealed record LockHolder
{
    public string SessionId { get; init; } = "";

    public string Owner { get; init; } = "";

    public string AcquireId { get; init; } = "";

    public FencingToken FencingToken { get; init; }

    /// <summary>Exclusive also after an upgrade.</summary>
    public LockMode Mode { get; init; }

    /// <summary>How many permits of a semaphore; 0 of a lock.</summary>
    public int Permits { get; init; }

    /// <summary>Milliseconds of log time since the grant.</summary>
    public long HeldMilliseconds { get; init; }
}

public sealed record LockWaiter
{
    public string SessionId { get; init; } = "";

    public string Owner { get; init; } = "";

    public string AcquireId { get; init; } = "";

    public LockMode Mode { get; init; }

    /// <summary>How many permits of a semaphore; 0 of a lock.</summary>
    public int Permits { get; init; }

    /// <summary>It holds the lock in mode Upgradeable and waits to hold it alone.</summary>
    public bool IsUpgrade { get; init; }

    /// <summary>Milliseconds of log time since the acquire was queued.</summary>
    public long WaitedMilliseconds { get; init; }
}
