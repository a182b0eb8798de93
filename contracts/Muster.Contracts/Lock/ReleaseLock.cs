namespace Muster.Contracts.Lock;

/// <summary>
/// Gives a lock back and grants it to the next waiter in the same log entry. Names the acquire and
/// its token, so that a late duplicate releases nobody else's lock. Answer:
/// <see cref="LockReleased"/> or <see cref="LockRefused"/>.
/// </summary>
public sealed record ReleaseLock
{
    public string CommandId { get; init; } = "";

    public string SessionId { get; init; } = "";

    public long? Sequence { get; init; }

    public long AnsweredBelow { get; init; }

    public string Name { get; init; } = "";

    /// <summary>The command id of the acquire that was granted.</summary>
    public string AcquireId { get; init; } = "";

    public FencingToken FencingToken { get; init; }

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>Answer and event.</summary>
public sealed record LockReleased
{
    public string CommandId { get; init; } = "";

    public string SessionId { get; init; } = "";

    public string AcquireId { get; init; } = "";

    public string Name { get; init; } = "";

    public FencingToken FencingToken { get; init; }

    public EventId? Event { get; init; }

    public Freshness Freshness { get; init; } = new();
}
