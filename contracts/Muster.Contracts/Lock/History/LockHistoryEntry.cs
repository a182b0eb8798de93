namespace Muster.Contracts.Lock;

/// <summary>
/// One thing that happened to a lock, or the end of a session. What one log entry did has one <see
/// cref="Index"/>: a release and the grant that follows from it are a hand-over.
/// </summary>
public sealed record LockHistoryEntry
{
    /// <summary>Of the log entry that did it.</summary>
    public LogIndex Index { get; init; }

    /// <summary>Counts what that entry did, from 0: on every replica the same.</summary>
    public int Ordinal { get; init; }

    /// <summary>What happened; it says which of the others mean something.</summary>
    public LockHistoryKind Kind { get; init; }

    /// <summary>
    /// Why, where the kind leaves it open. <c>Released</c>: <c>Released</c> by its holder, or
    /// <c>Cancelled</c> after a grant that its caller no longer waited for. <c>Lost</c>: as in <see
    /// cref="LockLost.Cause"/>. <c>SessionEnded</c>: <c>SessionExpired</c>, <c>SessionCrashed</c> or
    /// <c>SessionClosed</c>; <c>DelayStarted</c>: one of the first two, empty in entries of old builds.
    /// <c>WaitEnded</c>: <c>WaitRanOut</c>, <c>Cancelled</c>, the session's end, or <c>HoldEnded</c>: of an
    /// upgrade, what it was to upgrade.
    /// </summary>
    public string Cause { get; init; } = "";

    /// <summary>All of it in a sentence for people.</summary>
    public string Explanation { get; init; } = "";

    /// <summary>
    /// Milliseconds of log time, by which waits and TTLs are counted: between two entries of one epoch so
    /// much of it has passed, however late a replica learns of them.
    /// </summary>
    public long LogTime { get; init; }

    /// <summary>
    /// When the answering replica applied it, by its own clock: within moments of when it happened, unless
    /// <see cref="IsLate"/>.
    /// </summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The replica was behind the log and applied it later than it happened.</summary>
    public bool IsLate { get; init; }

    /// <summary>The lock; of a grant of several names each has an entry. Empty: a session's end.</summary>
    public string Name { get; init; } = "";

    /// <summary>The session that waited, held or ended.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>As in <see cref="OpenSession.Owner"/>.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The acquire or campaign; of an upgrade that of its hold. Empty: not about one.</summary>
    public string AcquireId { get; init; } = "";

    /// <summary>See <see cref="AcquireLock.Flow"/>.</summary>
    public string Flow { get; init; } = "";

    /// <summary>How it is held or asked for; Exclusive of an upgrade.</summary>
    public LockMode Mode { get; init; }

    /// <summary>How many permits of a semaphore; 0 of a lock.</summary>
    public int Permits { get; init; }

    /// <summary>About the upgrade of a hold, not about the hold.</summary>
    public bool IsUpgrade { get; init; }

    /// <summary>The grant's; none of what was not granted.</summary>
    public FencingToken FencingToken { get; init; }

    /// <summary>
    /// Milliseconds of log time. <c>Granted</c>, <c>WaitEnded</c>: how long it waited. <c>Released</c>,
    /// <c>Lost</c>: how long it was held. <c>DelayStarted</c>: how long nobody is granted it from
    /// then on. Else null.
    /// </summary>
    public long? DurationMilliseconds { get; init; }

    /// <summary><c>Queued</c>: waiters before it. Else 0.</summary>
    public int Ahead { get; init; }

    /// <summary>What was given up, released or broken with this command; empty: by none.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>Of a break, what its sender said.</summary>
    public string Reason { get; init; } = "";

    /// <summary>
    /// Of what came from a session's end: its TTL in milliseconds. Else null, and so is the next one.
    /// </summary>
    public long? TtlMilliseconds { get; init; }

    /// <summary>Milliseconds of log time between the session's last renewal and its end.</summary>
    public long? SinceRenewalMilliseconds { get; init; }
}
