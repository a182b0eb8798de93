namespace Muster.Contracts.Lock;

/// <summary>
/// Asks for a name, exclusively, first come first served. The answer is <see cref="LockGranted"/>, or
/// <see cref="LockQueued"/> and later <see cref="LockGranted"/> or <see cref="LockRefused"/> (LockBusy: the
/// wait ran out), or <see cref="LockRefused"/> at once. The command's id is the acquire's id: two acquires
/// of one session exclude each other.
/// </summary>
public sealed record AcquireLock
{
    public string CommandId { get; init; } = "";

    public string SessionId { get; init; } = "";

    /// <summary>
    /// 1, 2, 3, ... per session. Without it the command is remembered by its id for 10 minutes of log time.
    /// </summary>
    public long? Sequence { get; init; }

    /// <summary>
    /// The session has the answers to all its sequence numbers below this; the service forgets them.
    /// </summary>
    public long AnsweredBelow { get; init; }

    /// <summary>1 to 256 bytes of UTF-8, no control characters, compared ordinally.</summary>
    public string Name { get; init; } = "";

    /// <summary>
    /// How long to wait in the queue; 0 (default) asks only for a free lock; at most 86,400,000.
    /// </summary>
    public long WaitMilliseconds { get; init; }

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// The lock is held from now on, until released or until the session ends. Answer and event.
/// </summary>
public sealed record LockGranted
{
    public string CommandId { get; init; } = "";

    public string SessionId { get; init; } = "";

    public string Owner { get; init; } = "";

    public string Name { get; init; } = "";

    public FencingToken FencingToken { get; init; }

    public EventId? Event { get; init; }

    public Freshness Freshness { get; init; } = new();
}

/// <summary>The lock is held by another; the acquire waits. Answer and event.</summary>
public sealed record LockQueued
{
    public string CommandId { get; init; } = "";

    public string SessionId { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>Waiters before this one.</summary>
    public int Ahead { get; init; }

    public EventId? Event { get; init; }

    public Freshness Freshness { get; init; } = new();
}

/// <summary>
/// Ends a wait, or releases the lock if it was granted meanwhile. Of an acquire that has not arrived
/// yet it leaves a tombstone: the acquire is refused when it comes. Answer:
/// <see cref="AcquireCancelled"/> or <see cref="LockRefused"/>.
/// </summary>
public sealed record CancelAcquire
{
    public string CommandId { get; init; } = "";

    public string SessionId { get; init; } = "";

    public long? Sequence { get; init; }

    public long AnsweredBelow { get; init; }

    /// <summary>The command id of the acquire to cancel.</summary>
    public string AcquireId { get; init; } = "";

    public ReplyAddress? ReplyTo { get; init; }
}

public sealed record AcquireCancelled
{
    public string CommandId { get; init; } = "";

    public string AcquireId { get; init; } = "";

    /// <summary>The acquire had been granted; its lock is released now.</summary>
    public bool WasHeld { get; init; }

    public Freshness Freshness { get; init; } = new();
}
