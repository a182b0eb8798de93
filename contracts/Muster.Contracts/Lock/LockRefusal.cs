using System.Text.Json.Serialization;

namespace Muster.Contracts.Lock;

/// <summary>Why the lock service does not do what it was asked. A refusal changes nothing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LockRefusal>))]
public enum LockRefusal
{
    /// <summary>The command id is empty or longer than 128 characters.</summary>
    CommandIdInvalid,

    /// <summary>The session id is empty or longer than 128 characters.</summary>
    SessionIdInvalid,

    /// <summary>
    /// The lock's name is empty, longer than 256 bytes of UTF-8, or has control characters.
    /// </summary>
    NameInvalid,

    /// <summary>The owner's text is longer than 256 characters.</summary>
    OwnerInvalid,

    /// <summary>The TTL is not between 1 s and 24 h.</summary>
    TtlOutOfRange,

    /// <summary>The wait time is negative or over 24 h.</summary>
    WaitOutOfRange,

    /// <summary>A session of this id is open already, opened by another command.</summary>
    SessionExists,

    /// <summary>No such session: never opened, closed, or expired.</summary>
    SessionUnknown,

    /// <summary>The lock is held and the wait time is 0, or ran out.</summary>
    LockBusy,

    /// <summary>The name is not held by that acquire: released before, lost, or never granted.</summary>
    NotHeld,

    /// <summary>The name is held, by another session or another acquire, or under another token.</summary>
    NotHolder,

    /// <summary>The acquire was cancelled before it arrived.</summary>
    AcquireCancelled,

    /// <summary>
    /// No such mode, or one that several names cannot have, or permits out of range; an upgrade of what is
    /// not upgradeable.
    /// </summary>
    ModeInvalid,

    /// <summary>The name is in use as a lock, or as a semaphore of another size.</summary>
    ModeConflict,

    /// <summary>The lock delay is negative or over 60 s.</summary>
    LockDelayOutOfRange,

    /// <summary>The sequence number is below the session's "answered below": a late duplicate.</summary>
    AlreadyAnswered,

    /// <summary>
    /// The service's or the session's limit of open commands, sessions, locks or waiters is reached.
    /// </summary>
    LimitReached,

    /// <summary>The group is not founded yet: nothing was done, ask again shortly.</summary>
    NotReady,

    /// <summary>A batch holds nothing, too much, or a command of no kind.</summary>
    BatchInvalid,

    /// <summary>
    /// The replica has too many commands waiting. This copy did nothing; send it again, under the same id, to
    /// whichever replica takes it.
    /// </summary>
    Overloaded,

    /// <summary>
    /// The service has several groups, and the session's id does not begin with the number of the one that
    /// the lock is in, or of any; or no group has the name that a query gives. See <see cref="LockGroups"/>.
    /// </summary>
    WrongGroup,

    /// <summary>The replica keeps no history, or cannot read its own now.</summary>
    NoHistory,
}

/// <summary>The answer to a command that is refused.</summary>
public sealed record LockRefused
{
    public string CommandId { get; init; } = "";

    public LockRefusal Reason { get; init; }

    /// <summary>One sentence with the value and the limit.</summary>
    public string Message { get; init; } = "";

    /// <summary>With <see cref="LockRefusal.WrongGroup"/> how many groups there are; else 0.</summary>
    public int Groups { get; init; }

    public Freshness Freshness { get; init; } = new();
}

/// <summary>
/// The service could not learn in time whether the command took effect. Send it again with the same id: it is
/// done at most once, and the answer is the first one's.
/// </summary>
public sealed record LockUnknown
{
    public string CommandId { get; init; } = "";

    public string Message { get; init; } = "";
}
