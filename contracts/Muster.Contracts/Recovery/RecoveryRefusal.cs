using System.Text.Json.Serialization;

namespace Muster.Contracts.Recovery;

/// <summary>Why the recovery service does not do what it was asked. A refusal changes nothing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RecoveryRefusal>))]
public enum RecoveryRefusal
{
    /// <summary>The command id is empty or longer than 128 characters.</summary>
    CommandIdInvalid,

    /// <summary>A name or value breaks its rule.</summary>
    ArgumentInvalid,

    /// <summary>No such standby group.</summary>
    GroupUnknown,

    /// <summary>No such member in the group.</summary>
    MemberUnknown,

    /// <summary>The member is not the primary of the group's present epoch.</summary>
    NotPrimary,

    /// <summary>The state's version, or the group's epoch, is not the expected one.</summary>
    VersionMismatch,

    /// <summary>No healthy standby can be promoted.</summary>
    NoStandby,

    /// <summary>The service's limit of groups, members or bytes is reached.</summary>
    LimitReached,

    /// <summary>The replica has too many commands waiting; nothing was done, send again later.</summary>
    Overloaded,

    /// <summary>The group is not founded yet: nothing was done, ask again shortly.</summary>
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

public sealed record RecoveryRefused
{
    public string CommandId { get; init; } = "";

    public RecoveryRefusal Reason { get; init; }

    /// <summary>One sentence with the value and the limit.</summary>
    public string Message { get; init; } = "";

    public Freshness Freshness { get; init; } = new();
}

/// <summary>As <c>LockUnknown</c>: send it again with the same id.</summary>
public sealed record RecoveryUnknown
{
    public string CommandId { get; init; } = "";

    public string Message { get; init; } = "";
}
