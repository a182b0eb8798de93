namespace Muster.Contracts.Lock;

/// <summary>
/// Asks for a name, first come first served. The answer is <see cref="LockGranted"/>, or <see
/// cref="LockQueued"/> and later <see cref="LockGranted"/> or <see cref="LockRefused"/> (LockBusy: the wait
/// ran out), or <see cref="LockRefused"/> at once. The command's id is the acquire's id: two acquires of one
/// session exclude each other like those of two.
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
    /// Instead of <see cref="Name"/>: 2 to 64 different names, all or none, granted in one entry under one
    /// token. It waits in the queues of all of them at once, in the order of its arrival, and holds none
    /// while it waits, so that acquires of several names never block each other for ever.
    /// </summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Several names: exclusive or shared.</summary>
    public LockMode Mode { get; init; }

    /// <summary>
    /// Of mode <see cref="LockMode.Permits"/>: 1 (default) to <see cref="MaxPermits"/>. Else not read.
    /// </summary>
    public int Permits { get; init; } = 1;

    /// <summary>
    /// Of mode <see cref="LockMode.Permits"/>: the semaphore's size, 1 to 1,000,000, the same for all who use
    /// it at a time. Else not read.
    /// </summary>
    public int MaxPermits { get; init; }

    /// <summary>
    /// Names, uniquely among all clients, what acquires one lock after the other: a request, a job. For <see
    /// cref="FindDeadlocks"/> the acquires of one flow wait for each other, in whatever group and session,
    /// and those of different flows of one session do not. Empty (default): the session is one flow. At most
    /// 128 characters.
    /// </summary>
    public string Flow { get; init; } = "";

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

    /// <summary>
    /// Of an upgrade: the acquire that holds the lock, exclusively now. Null: the command is the acquire.
    /// </summary>
    public string? AcquireId { get; init; }

    public string SessionId { get; init; } = "";

    public string Owner { get; init; } = "";

    /// <summary>Empty: several, see <see cref="Names"/>.</summary>
    public string Name { get; init; } = "";

    /// <summary>Null: one, see <see cref="Name"/>. In ordinal order.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    public LockMode Mode { get; init; }

    /// <summary>How many permits of a semaphore; 0 of a lock.</summary>
    public int Permits { get; init; }

    /// <summary>
    /// Above the token of every grant before it, of whatever name: also each shared holder and each holder of
    /// permits has one of its own.
    /// </summary>
    public FencingToken FencingToken { get; init; }

    /// <summary>
    /// After the last sign of life of its session the lock is another's at the latest after so many
    /// milliseconds, provided that a majority of the consensus nodes and the broker are up: see <see
    /// cref="SessionOpened.Takeover"/> for its parts.
    /// </summary>
    public long TakeoverMilliseconds { get; init; }

    public EventId? Event { get; init; }

    public Freshness Freshness { get; init; } = new();
}

/// <summary>The lock is held by another; the acquire waits. Answer and event.</summary>
public sealed record LockQueued
{
    public string CommandId { get; init; } = "";

    public string SessionId { get; init; } = "";

    /// <summary>Empty: several, see <see cref="Names"/>.</summary>
    public string Name { get; init; } = "";

    /// <summary>Null: one, see <see cref="Name"/>.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Waiters before this one; of several names: in the longest of the queues.</summary>
    public int Ahead { get; init; }

    public EventId? Event { get; init; }

    public Freshness Freshness { get; init; } = new();
}

/// <summary>
/// Ends a wait, or releases the lock if it was granted meanwhile; of an upgrade: the lock is upgradeable
/// again. Of an acquire that has not arrived yet it leaves a tombstone: the acquire is refused when it comes.
/// Answer: <see cref="AcquireCancelled"/> or <see cref="LockRefused"/>.
/// </summary>
public sealed record CancelAcquire
{
    public string CommandId { get; init; } = "";

    public string SessionId { get; init; } = "";

    public long? Sequence { get; init; }

    public long AnsweredBelow { get; init; }

    /// <summary>The command id of the acquire, campaign or upgrade to cancel.</summary>
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
