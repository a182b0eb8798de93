namespace Muster.Contracts.Lock;

/// <summary>
/// Who holds a name and who waits, read linearizably. Answer: <see cref="LockDescription"/>,
/// <see cref="LockRefused"/> or <see cref="LockUnknown"/>.
/// </summary>
public sealed record DescribeLock
{
    /// <summary>
    /// Names the query in its answer; any text. Empty in a message of its own: that message's id counts.
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// The lock's name as in <see cref="AcquireLock.Name"/>, else refused (NameInvalid); also that of an
    /// election's lock.
    /// </summary>
    public string Name { get; init; } = "";

    /// <inheritdoc cref="ReleaseLock.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The answer to <see cref="DescribeLock"/>; a name that nobody uses is a free lock.</summary>
public sealed record LockDescription
{
    /// <summary>The id of the query that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The lock's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The first 100, in the order of their grants; none when the lock is free.</summary>
    public IReadOnlyList<LockHolder> Holders { get; init; } = [];

    /// <summary>All holders, those beyond the first 100 included.</summary>
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

    /// <summary>All waiters, a waiting upgrade and those beyond the first 100 included.</summary>
    public int WaiterCount { get; init; }

    /// <inheritdoc cref="LockGranted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>One grant that is in force.</summary>
public sealed record LockHolder
{
    /// <summary>The session that holds.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>As in <see cref="OpenSession.Owner"/>.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The command id of the acquire or campaign.</summary>
    public string AcquireId { get; init; } = "";

    /// <summary>The hold's token now: after an upgrade the upgrade's.</summary>
    public FencingToken FencingToken { get; init; }

    /// <summary>Exclusive also after an upgrade.</summary>
    public LockMode Mode { get; init; }

    /// <summary>How many permits of a semaphore; 0 of a lock.</summary>
    public int Permits { get; init; }

    /// <summary>Milliseconds of log time since the grant.</summary>
    public long HeldMilliseconds { get; init; }
}

/// <summary>One acquire that waits.</summary>
public sealed record LockWaiter
{
    /// <summary>The session that waits.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>As in <see cref="OpenSession.Owner"/>.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The command id of the acquire, campaign or upgrade.</summary>
    public string AcquireId { get; init; } = "";

    /// <summary>How it wants to hold; Exclusive of an upgrade.</summary>
    public LockMode Mode { get; init; }

    /// <summary>How many permits of a semaphore; 0 of a lock.</summary>
    public int Permits { get; init; }

    /// <summary>It holds the lock in mode Upgradeable and waits to hold it alone.</summary>
    public bool IsUpgrade { get; init; }

    /// <summary>Milliseconds of log time since the acquire was queued.</summary>
    public long WaitedMilliseconds { get; init; }
}
