using System.Text.Json.Serialization;

namespace Muster.Contracts.Recovery;

/// <summary>Why the recovery service does not do what it was asked. A refusal changes nothing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RecoveryRefusal>))]
public enum RecoveryRefusal
{
    /// <summary>
    /// The command id is empty or longer than 128 characters, or that of another command of the last minutes.
    /// </summary>
    CommandIdInvalid,

    /// <summary>A name or value breaks its rule.</summary>
    ArgumentInvalid,

    /// <summary>No such standby group.</summary>
    GroupUnknown,

    /// <summary>No such member in the group, or not by that membership.</summary>
    MemberUnknown,

    /// <summary>
    /// The member is not the primary of the group's present epoch, or a recovery fences it.
    /// </summary>
    NotPrimary,

    /// <summary>The state's version, or the group's epoch, is not the expected one.</summary>
    VersionMismatch,

    /// <summary>No healthy standby can be promoted.</summary>
    NoStandby,

    /// <summary>
    /// The service's limit of groups, members, bytes or unpublished events is reached; the message says
    /// which.
    /// </summary>
    LimitReached,

    /// <summary>
    /// The replica has too many commands waiting, or the service remembers too many: nothing was done, send
    /// it again later, under the same id.
    /// </summary>
    Overloaded,

    /// <summary>
    /// The service's group is not founded yet, or a recovery still breaks the lock of the group's former
    /// primary: nothing was done, ask again shortly.
    /// </summary>
    NotReady,

    /// <summary>A batch holds nothing, too much, or a command of no kind.</summary>
    BatchInvalid,

    /// <summary>There is no such backup, or not of that group.</summary>
    BackupUnknown,

    /// <summary>A backup's checksum or content is wrong; nothing was changed.</summary>
    BackupDamaged,

    /// <summary>A file could not be read or written; the message says why.</summary>
    StorageFailed,

    /// <summary>A member of the standby group is healthy, or a recovery is under way.</summary>
    GroupInUse,

    /// <summary>A group's replicas did not answer in time, or refused; the message says which.</summary>
    GroupUnavailable,
}

/// <summary>The answer to a command or query that is refused.</summary>
public sealed record RecoveryRefused
{
    /// <summary>
    /// The id of the command or query; empty for a batch as a whole, or what is no command in it.
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// Why. After Overloaded and NotReady send the same command again; any other refusal stands for its id,
    /// and a new attempt takes a new one.
    /// </summary>
    public RecoveryRefusal Reason { get; init; }

    /// <summary>One sentence with the value and the limit.</summary>
    public string Message { get; init; } = "";

    /// <summary>
    /// Of an <see cref="UpdateState"/>: this copy changed nothing, but an earlier one may have been done. The
    /// version that it would have made is there, and is not among the newest 16, whose writers are known. For
    /// a write that is sent for the first time it means nothing. Default: false.
    /// </summary>
    public bool MayBeDone { get; init; }

    /// <summary>
    /// As of which epoch and index; the default where the group's state was not looked at, as of all commands
    /// about backups.
    /// </summary>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>As <c>LockUnknown</c>: send it again with the same id.</summary>
public sealed record RecoveryUnknown
{
    /// <summary>The id of the command or query.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// One sentence for people: why nobody can say; of a <see cref="Restore"/> also which groups are done.
    /// </summary>
    public string Message { get; init; } = "";
}
