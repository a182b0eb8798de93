namespace Muster.Contracts.Lock;

/// <summary>
/// Takes a lock from its holders, whoever they are, and raises the token: what the old holders still write is
/// refused by everything that has seen <see cref="LockBroken.FencingToken"/>. Each holder is told by <see
/// cref="LockLost"/>; one of several names loses all of them. Who is next is granted in the same entry.
/// Answer: <see cref="LockBroken"/> (also when nobody held it), <see cref="LockRefused"/> or <see
/// cref="LockUnknown"/>.
/// </summary>
public sealed record BreakLock
{
    /// <inheritdoc cref="AcquireLock.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// The lock's name as in <see cref="AcquireLock.Name"/>; also that of an election's lock.
    /// </summary>
    public string Name { get; init; } = "";

    /// <summary>Break only a grant of this token; 0 (default): whatever grant there is.</summary>
    public FencingToken ExpectedToken { get; init; }

    /// <summary>
    /// Break only a grant of this session; empty (default): whoever holds it. A recovery names the failed
    /// node's session, so that it cannot take the lock from a live successor.
    /// </summary>
    public string ExpectedSession { get; init; } = "";

    /// <summary>For people. At most 256 characters.</summary>
    public string Reason { get; init; } = "";

    /// <inheritdoc cref="ReleaseLock.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The answer to <see cref="BreakLock"/>: who was meant holds the lock no more.</summary>
public sealed record LockBroken
{
    /// <summary>The id of the command that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The lock's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>False: nobody held it, or another grant than the expected one.</summary>
    public bool WasHeld { get; init; }

    /// <summary>The token of the grant that was broken, the greatest of several; 0 when none was.</summary>
    public FencingToken BrokenToken { get; init; }

    /// <summary>
    /// Newer than the broken grants and older than the next: hand it to what the lock protects to fence the
    /// old holders at once. When other grants than the expected one hold the lock: the least of their tokens,
    /// which fences everybody before them and none of them.
    /// </summary>
    public FencingToken FencingToken { get; init; }

    /// <inheritdoc cref="LockGranted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}
