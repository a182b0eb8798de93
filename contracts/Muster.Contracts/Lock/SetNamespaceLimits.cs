namespace Muster.Contracts.Lock;

/// <summary>
/// Limits what the locks of a namespace (<see cref="LockNamespaces"/>) have in use in one lock group; of
/// several groups each has limits and use of its own, so it is sent to each. For operators. What is in use
/// already stays: lower limits only refuse what is new, with <see cref="LockRefusal.LimitReached"/>. Answer:
/// <see cref="NamespaceLimitsSet"/>, <see cref="LockRefused"/> or <see cref="LockUnknown"/>.
/// </summary>
public sealed record SetNamespaceLimits
{
    /// <inheritdoc cref="AcquireLock.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>Of several lock groups the number of the one that is meant, from 0.</summary>
    public int GroupNumber { get; init; }

    /// <summary>Empty: the names without <c>/</c>. Without a <c>/</c>, at most 256 bytes of UTF-8.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>
    /// Take the place of those there are; without any (the default) the namespace has none any more. A group
    /// has limits of 1,000 namespaces at most.
    /// </summary>
    public NamespaceLimits Limits { get; init; } = new();

    /// <inheritdoc cref="ReleaseLock.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// Of one namespace in one group; 0 (default): no limit of its own, only the group's. None is negative.
/// </summary>
public sealed record NamespaceLimits
{
    /// <summary>Different names in use: held, waited for, or kept free by a lock delay.</summary>
    public long MaxLocks { get; init; }

    /// <summary>
    /// Acquires, campaigns and upgrades that hold or wait, one of several names as often as it has names in
    /// the namespace.
    /// </summary>
    public long MaxAcquires { get; init; }

    /// <summary>Those of them that wait.</summary>
    public long MaxWaiting { get; init; }
}

/// <summary>
/// What a namespace has in use in one group, counted as <see cref="NamespaceLimits"/> says.
/// </summary>
public sealed record NamespaceUse
{
    /// <summary>As <see cref="NamespaceLimits.MaxLocks"/> counts.</summary>
    public long Locks { get; init; }

    /// <summary>As <see cref="NamespaceLimits.MaxAcquires"/> counts.</summary>
    public long Acquires { get; init; }

    /// <summary>As <see cref="NamespaceLimits.MaxWaiting"/> counts.</summary>
    public long Waiting { get; init; }
}

/// <summary>The answer to <see cref="SetNamespaceLimits"/>: the limits are in force in that group.</summary>
public sealed record NamespaceLimitsSet
{
    /// <summary>The id of the command that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="SetNamespaceLimits.Namespace"/>
    public string Namespace { get; init; } = "";

    /// <summary>As they are now; all 0: none.</summary>
    public NamespaceLimits Limits { get; init; } = new();

    /// <summary>When the limits were set; it may be above them.</summary>
    public NamespaceUse Use { get; init; } = new();

    /// <summary>
    /// How many groups the lock service has: each is sent the limits, under an id of its own.
    /// </summary>
    public int Groups { get; init; }

    /// <inheritdoc cref="LockGranted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}
