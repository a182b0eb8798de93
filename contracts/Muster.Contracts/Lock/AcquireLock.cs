namespace Muster.Contracts.Lock;

/// <summary>
/// Asks for a name, first come first served. The answer is <see cref="LockGranted"/>, or <see
/// cref="LockQueued"/> and later <see cref="LockGranted"/> or <see cref="LockRefused"/> (LockBusy: the wait
/// ran out), or <see cref="LockRefused"/> at once. The command's id is the acquire's id: two acquires of one
/// session exclude each other like those of two.
/// </summary>
public sealed record AcquireLock
{
    /// <summary>
    /// New for each command and the same in its repeats: 1 to 128 characters. A repeat is answered alike and
    /// done once, as long as it is remembered (<see cref="AcquireLock.Sequence"/>). Empty in a message of its
    /// own: that message's id counts; in a batch refused (CommandIdInvalid).
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// An open session, else refused (SessionUnknown). It must be of the lock's group (WrongGroup).
    /// </summary>
    public string SessionId { get; init; } = "";

    /// <summary>
    /// 1, 2, 3, ... per session, less than 4,096 above <see cref="AnsweredBelow"/> (Overloaded): remembered
    /// until it is below that. Null (default): the command is remembered by its id for 10 minutes of log
    /// time.
    /// </summary>
    public long? Sequence { get; init; }

    /// <summary>
    /// The session has the answers to all its sequence numbers below this; the service forgets them. 0
    /// (default) says nothing.
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

    /// <summary>Exclusive (default), or another; of several names exclusive or shared.</summary>
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

    /// <summary>
    /// Where the answers go. Null: where the message, or else its batch, asks for them; nowhere when neither
    /// does. A repeat with another address moves the wait's later answer there.
    /// </summary>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// The lock is held from now on, until released or until the session ends. Answer and event.
/// </summary>
public sealed record LockGranted
{
    /// <summary>The acquire, campaign or upgrade that is granted.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// Of an upgrade: the acquire that holds the lock, exclusively now. Null: the command is the acquire.
    /// </summary>
    public string? AcquireId { get; init; }

    /// <summary>The session that holds the lock.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>As in <see cref="OpenSession.Owner"/>.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Empty: several, see <see cref="Names"/>.</summary>
    public string Name { get; init; } = "";

    /// <summary>Null: one, see <see cref="Name"/>. In ordinal order.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>How it is held; Exclusive after an upgrade.</summary>
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

    /// <summary>
    /// Its id and its place in the group's stream; null where a grant is shown again, in a full view or after
    /// an upgrade.
    /// </summary>
    public EventId? Event { get; init; }

    /// <summary>As of which epoch and index of the lock's group this is.</summary>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>The lock is held by another; the acquire waits. Answer and event.</summary>
public sealed record LockQueued
{
    /// <summary>The acquire, campaign or upgrade that waits.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The session that waits.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>Empty: several, see <see cref="Names"/>.</summary>
    public string Name { get; init; } = "";

    /// <summary>Null: one, see <see cref="Name"/>.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Waiters before this one; of several names: in the longest of the queues.</summary>
    public int Ahead { get; init; }

    /// <summary>Its id and its place in the group's stream.</summary>
    public EventId? Event { get; init; }

    /// <inheritdoc cref="LockGranted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>
/// Ends a wait, or releases the lock if it was granted meanwhile; of an upgrade: the lock is upgradeable
/// again. Of an acquire that has not arrived yet it leaves a tombstone: the acquire is refused when it comes.
/// Answer: <see cref="AcquireCancelled"/> or <see cref="LockRefused"/>.
/// </summary>
public sealed record CancelAcquire
{
    /// <inheritdoc cref="AcquireLock.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>The open session of the acquire, else refused (SessionUnknown).</summary>
    public string SessionId { get; init; } = "";

    /// <inheritdoc cref="AcquireLock.Sequence"/>
    public long? Sequence { get; init; }

    /// <inheritdoc cref="AcquireLock.AnsweredBelow"/>
    public long AnsweredBelow { get; init; }

    /// <summary>The command id of the acquire, campaign or upgrade to cancel.</summary>
    public string AcquireId { get; init; } = "";

    /// <inheritdoc cref="ReleaseLock.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// It neither waits nor holds any more, and is refused (AcquireCancelled) if it is still to come.
/// </summary>
public sealed record AcquireCancelled
{
    /// <summary>The id of the cancel.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The acquire, campaign or upgrade that it cancelled.</summary>
    public string AcquireId { get; init; } = "";

    /// <summary>The acquire had been granted; its lock is released now.</summary>
    public bool WasHeld { get; init; }

    /// <inheritdoc cref="LockGranted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}
