namespace Muster.Contracts.Recovery;

/// <summary>
/// Writes the state of groups, each as of one log index, to one checksummed file of a recovery replica. A
/// group that cannot be had does not keep the others from it. Answer: <see cref="BackupCompleted"/>, <see
/// cref="RecoveryRefused"/> (GroupUnavailable: none could be had) or <see cref="RecoveryUnknown"/>.
/// </summary>
public sealed record BackupNow
{
    /// <summary>
    /// New for each backup and the same in its repeats: 1 to 128 characters. A repeat is answered with the
    /// backup that is there, as long as it is among the newest 1,000 (<see cref="BackupsListed"/>); while the
    /// first is still under way another replica may write a second one. The id of a backup of other groups is
    /// refused (CommandIdInvalid). Empty: the id of its message counts.
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// The groups' names, at most 64 and each once, else refused (ArgumentInvalid); empty (default): all that
    /// the recovery service is configured with.
    /// </summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>
    /// Where the answer goes. Null: where the message asks for it; nowhere when it does not.
    /// </summary>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>A backup is written, synced, and read back as it was written. Answer and event.</summary>
public sealed record BackupCompleted
{
    /// <summary>The id of the <see cref="BackupNow"/> that was done.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The file and what is in it.</summary>
    public Backup Backup { get; init; } = new();

    /// <summary>Groups that were asked for and are not in it: empty for a whole backup.</summary>
    public IReadOnlyList<MissingGroup> Missing { get; init; } = [];
}

/// <summary>A group that a backup could not get.</summary>
public sealed record MissingGroup
{
    /// <summary>The group's name.</summary>
    public string Group { get; init; } = "";

    /// <summary>One sentence for people: for how long it was asked, and what it said.</summary>
    public string Message { get; init; } = "";
}

/// <summary>One backup file.</summary>
public sealed record Backup
{
    /// <summary>The file's name in the backup folder, which the replicas share; sorts by time.</summary>
    public string Name { get; init; } = "";

    /// <summary>1 to 64, in the order in which they were asked for.</summary>
    public IReadOnlyList<GroupBackup> Groups { get; init; } = [];
}

/// <summary>One group's state in a backup.</summary>
public sealed record GroupBackup
{
    /// <summary>The group's name: 1 to 64 letters, digits, '-' and '_'.</summary>
    public string Group { get; init; } = "";

    /// <summary>Which machine's state it is: <c>lock</c>, <c>registry</c>, <c>recovery</c>, ...</summary>
    public string Machine { get; init; } = "";

    /// <summary>The group's epoch in it, see <see cref="Freshness.Epoch"/>.</summary>
    public long Epoch { get; init; }

    /// <summary>The last log entry that is in the state.</summary>
    public LogIndex Index { get; init; }

    /// <summary>Of the state as the file has it: compressed when it is large.</summary>
    public long Bytes { get; init; }

    /// <summary>SHA-256 of these bytes in lower-case hex.</summary>
    public string Checksum { get; init; } = "";
}

/// <summary>Which backups there are. Answer: <see cref="BackupsListed"/> or refused.</summary>
public sealed record ListBackups
{
    /// <summary>
    /// Names the command in its answer: 1 to 128 characters, else refused (CommandIdInvalid). Empty: the id
    /// of its message counts.
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="BackupNow.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The backups in the folder, with what their files' headers say.</summary>
public sealed record BackupsListed
{
    /// <summary>The id of the <see cref="ListBackups"/> that this answers.</summary>
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
    /// <summary>
    /// New for each restoration and the same in its repeats: 1 to 128 characters. A repeat goes on where the
    /// first one ended, as long as it is among the newest 16 of a group. Each group is restored under an id
    /// that is made of this one. Empty: the id of its message counts.
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// The file's name, as in <see cref="Recovery.Backup.Name"/>; another is refused (BackupUnknown).
    /// </summary>
    public string Backup { get; init; } = "";

    /// <summary>Of its groups only these, else refused (BackupUnknown); empty (default): all.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <inheritdoc cref="BackupNow.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>All groups that were asked for are restored. Answer and event.</summary>
public sealed record RestoreCompleted
{
    /// <summary>The id of the <see cref="Restore"/> that was done.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The file's name.</summary>
    public string Backup { get; init; } = "";

    /// <summary>In the backup's order, with the epoch of each from now on.</summary>
    public IReadOnlyList<GroupStateRestored> Groups { get; init; } = [];
}

/// <summary>
/// Asks a group's replicas for their machine's state; sent to the queue <c>muster-state-GROUP</c>. Answer:
/// <see cref="GroupStateRead"/> or <see cref="GroupStateRefused"/>.
/// </summary>
public sealed record ReadGroupState
{
    /// <summary>Names the request in its answer; any text.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The group's name; another one's replicas refuse.</summary>
    public string Group { get; init; } = "";

    /// <inheritdoc cref="BackupNow.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The state as of a linearizable read; compressed when it is large.</summary>
public sealed record GroupStateRead
{
    /// <summary>The id of the request that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>Whose state it is, as of which entry, its length and its checksum.</summary>
    public GroupBackup Summary { get; init; } = new();

    /// <summary>
    /// As the group's replicas wrote it; opaque to everybody else. At most 6 MiB, else refused.
    /// </summary>
    public byte[] State { get; init; } = [];
}

/// <summary>
/// Replaces a group's state by one log entry; sent to the queue <c>muster-state-GROUP</c>. Answer: <see
/// cref="GroupStateRestored"/> or <see cref="GroupStateRefused"/>.
/// </summary>
public sealed record RestoreGroupState
{
    /// <summary>
    /// New for each restoration and the same in its repeats: 1 to 128 characters. A repeat among the newest
    /// 16 of the group is answered alike and done once.
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <summary>As it was read; group, machine and checksum must be right, else refused.</summary>
    public GroupBackup Summary { get; init; } = new();

    /// <summary>The very bytes of <see cref="GroupStateRead.State"/>.</summary>
    public byte[] State { get; init; } = [];

    /// <inheritdoc cref="BackupNow.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The group's state is replaced.</summary>
public sealed record GroupStateRestored
{
    /// <summary>The id of the request that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The group's name.</summary>
    public string Group { get; init; } = "";

    /// <summary>Above every epoch known before.</summary>
    public long Epoch { get; init; }

    /// <summary>Every token of the group is above this from now on; 0 for machines without tokens.</summary>
    public FencingToken TokenFloor { get; init; }

    /// <summary>The log entry that replaced it.</summary>
    public LogIndex Index { get; init; }
}

/// <summary>The state is not given, or not replaced.</summary>
public sealed record GroupStateRefused
{
    /// <summary>The id of the request.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The group's name.</summary>
    public string Group { get; init; } = "";

    /// <summary>True: nobody can say yet whether it was done; send it again with the same id.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>One sentence for people, with the value and the limit.</summary>
    public string Message { get; init; } = "";
}
