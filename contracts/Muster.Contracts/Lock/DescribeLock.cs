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

    /// <summary>Null when the lock is free.</summary>
    public LockHolder? Holder { get; init; }

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

    /// <summary>Milliseconds of log time since the grant.</summary>
    public long HeldMilliseconds { get; init; }
}

public sealed record LockWaiter
{
    public string SessionId { get; init; } = "";

    public string Owner { get; init; } = "";

    public string AcquireId { get; init; } = "";

    /// <summary>Milliseconds of log time since the acquire was queued.</summary>
    public long WaitedMilliseconds { get; init; }
}
