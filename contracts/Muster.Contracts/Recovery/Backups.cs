namespace Muster.Contracts.Recovery;

/// <summary>
/// Writes the state of groups, each as of one log index, to one checksummed file of a recovery replica. A
/// group that cannot be had does not keep the others from it. Answer: <see cref="BackupCompleted"/>, <see
/// cref="RecoveryRefused"/> (GroupUnavailable: none could be had) or <see cref="RecoveryUnknown"/>.
/// </summary>
public sealed record BackupNow
{
    public string CommandId { get; init; } = "";

    /// <summary>
    /// The groups' names; empty (default): all that the recovery service is configured with.
    /// </summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>Answer and event.</summary>
public sealed record BackupCompleted
{
    public string CommandId { get; init; } = "";

    public Backup Backup { get; init; } = new();

    /// <summary>Groups that were asked for and are not in it: empty for a whole backup.</summary>
    public IReadOnlyList<MissingGroup> Missing { get; init; } = [];
}

/// <summary>A group that a backup could not get.</summary>
public sealed record MissingGroup
{
    public string Group { get; init; } = "";

    /// <summary>Why.</summary>
    public string Message { get; init; } = "";
}

/// <summary>One backup file.</summary>
public sealed record Backup
{
    /// <summary>The file's name in the backup folder, which the replicas share; sorts by time.</summary>
    public string Name { get; init; } = "";

    public IReadOnlyList<GroupBackup> Groups { get; init; } = [];
}

public sealed record GroupBackup
{
    public string Group { get; init; } = "";

    /// <summary>Which machine's state it is: <c>lock</c>, <c>registry</c>, <c>recovery</c>, ...</summary>
    public string Machine { get; init; } = "";

    public long Epoch { get; init; }

    public LogIndex Index { get; init; }

    /// <summary>Of the state as the file has it: compressed when it is large.</summary>
    public long Bytes { get; init; }

    /// <summary>SHA-256 of these bytes in lower-case hex.</summary>
    public string Checksum { get; init; } = "";
}

/// <summary>Answer: <see cref="BackupsListed"/>, refused or unknown.</summary>
public sealed record ListBackups
{
    public string CommandId { get; init; } = "";

    public ReplyAddress? ReplyTo { get; init; }
}

public sealed record BackupsListed
{
    public string CommandId { get; init; } = "";

    /// <summary>The newest first, at most 1,000; files that cannot be read are not in it.</summary>
    public IReadOnlyList<Backup> Backups { get; init; } = [];
}

/// <summary>
/// Puts a backup's groups back, each in one log entry that replaces its whole state. The epoch and the token
/// floor are raised above everything known and above the clock, so that old tokens and views stay dead, also
/// when one backup is restored twice. Every checksum is verified before the first group is touched. Answer:
/// <see cref="RestoreCompleted"/>, <see cref="RecoveryRefused"/> or <see cref="RecoveryUnknown"/>.
/// </summary>
public sealed record Restore
{
    public string CommandId { get; init; } = "";

    public string Backup { get; init; } = "";

    /// <summary>Empty (default): all groups in it.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>Answer and event.</summary>
public sealed record RestoreCompleted
{
    public string CommandId { get; init; } = "";

    public string Backup { get; init; } = "";

    public IReadOnlyList<GroupStateRestored> Groups { get; init; } = [];
}

/// <summary>
/// Asks a group's replicas for their machine's state; sent to the queue <c>muster-state-GROUP</c>. Answer:
/// <see cref="GroupStateRead"/> or <see cref="GroupStateRefused"/>.
/// </summary>
public sealed record ReadGroupState
{
    public string CommandId { get; init; } = "";

    public string Group { get; init; } = "";

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The state as of a linearizable read; compressed when it is large.</summary>
public sealed record GroupStateRead
{
    public string CommandId { get; init; } = "";

    public GroupBackup Summary { get; init; } = new();

    public byte[] State { get; init; } = [];
}

/// <summary>
/// Replaces a group's state by one log entry; sent to the queue <c>muster-state-GROUP</c>. Answer: <see
/// cref="GroupStateRestored"/> or <see cref="GroupStateRefused"/>.
/// </summary>
public sealed record RestoreGroupState
{
    public string CommandId { get; init; } = "";

    public GroupBackup Summary { get; init; } = new();

    public byte[] State { get; init; } = [];

    public ReplyAddress? ReplyTo { get; init; }
}

public sealed record GroupStateRestored
{
    public string CommandId { get; init; } = "";

    public string Group { get; init; } = "";

    /// <summary>Above every epoch known before.</summary>
    public long Epoch { get; init; }

    /// <summary>Every token of the group is above this from now on; 0 for machines without tokens.</summary>
    public FencingToken TokenFloor { get; init; }

    public LogIndex Index { get; init; }
}

public sealed record GroupStateRefused
{
    public string CommandId { get; init; } = "";

    public string Group { get; init; } = "";

    /// <summary>True: nobody can say yet whether it was done; send it again with the same id.</summary>
    public bool IsUnknown { get; init; }

    public string Message { get; init; } = "";
}
