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
    public string CommandId { get; init; } = "";

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

    public ReplyAddress? ReplyTo { get; init; }
}

public sealed record LockBroken
{
    public string CommandId { get; init; } = "";

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

    public Freshness Freshness { get; init; } = new();
}
