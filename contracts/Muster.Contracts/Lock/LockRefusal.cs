using System.Text.Json.Serialization;

namespace Muster.Contracts.Lock;

/// <summary>Why the lock service does not do what it was asked. A refusal changes nothing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LockRefusal>))]
public enum LockRefusal
{
    /// <summary>
    /// The command id, or an acquire's that it names, is empty or longer than 128 characters; or it is that
    /// of another command that is remembered.
    /// </summary>
    CommandIdInvalid,

    /// <summary>The session id is empty or longer than 128 characters.</summary>
    SessionIdInvalid,

    /// <summary>
    /// The lock's name is empty, longer than 256 bytes of UTF-8, or has control characters.
    /// </summary>
    NameInvalid,

    /// <summary>
    /// A text is too long: the owner's or a break's reason, over 256 characters, a flow over 128, or a
    /// candidate's or leader's value over 1,024.
    /// </summary>
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

    /// <summary>
    /// The sequence number is below the session's "answered below", is another command's, or is below 1: this
    /// copy did nothing, and what the first one did is not said again. An acquire that still waits or holds
    /// is answered with that.
    /// </summary>
    AlreadyAnswered,

    /// <summary>
    /// A limit of the service (sessions, locks, waiters, unpublished events, the length of a page), of the
    /// session (acquires, cancels that came before their acquires) or of the lock's namespace (<see
    /// cref="NamespaceLimits"/>) is reached, a namespace's limit is negative, or a command is larger than an
    /// entry of the log; the message says which.
    /// </summary>
    LimitReached,

    /// <summary>The group is not founded yet: nothing was done, ask again shortly.</summary>
    NotReady,

    /// <summary>A batch holds nothing, too much, or a command of no kind.</summary>
    BatchInvalid,

    /// <summary>
    /// The replica has too many commands waiting, the service remembers too many, or the sequence number is
    /// too far above what is answered (4,096). This copy did nothing; send it again, under the same id, to
    /// whichever replica takes it.
    /// </summary>
    Overloaded,

    /// <summary>
    /// The service has several groups, and the session's id does not begin with the number of the one that
    /// the lock is in, or of any; or no group has the name that a query gives. See <see cref="LockGroups"/>.
    /// </summary>
    WrongGroup,

    /// <summary>
    /// A session's node or incarnation is longer than 256 characters, or one is given without the other.
    /// </summary>
    NodeInvalid,

    /// <summary>The replica keeps no history, or cannot read its own now.</summary>
    NoHistory,
}

/// <summary>The answer to a command that is refused.</summary>
public sealed record LockRefused
{
    /// <summary>
    /// The id of the command or query; empty for a batch as a whole, or what is no command in it.
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// Why. After Overloaded and NotReady send the same command again; any other refusal stands for its id,
    /// and a new attempt takes a new one.
    /// </summary>
    public LockRefusal Reason { get; init; }

    /// <summary>One sentence with the value and the limit.</summary>
    public string Message { get; init; } = "";

    /// <summary>With <see cref="LockRefusal.WrongGroup"/> how many groups there are; else 0.</summary>
    public int Groups { get; init; }

    /// <summary>As of which epoch and index; the default where the group's state was not looked at.</summary>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>
/// The service could not learn in time whether the command took effect. Send it again with the same id: it is
/// done at most once, and the answer is the first one's.
/// </summary>
public sealed record LockUnknown
{
    /// <summary>The id of the command or query.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>One sentence for people: why nobody can say.</summary>
    public string Message { get; init; } = "";
}
