using Muster.Recovery.Machine;
using Muster.Serving;
using LockNames = Muster.Contracts.Lock.LockGroups;

namespace Muster.Recovery;

/// <summary>
/// Section <c>Recovery</c> (environment <c>Recovery__Replica</c> and so on): one replica of the recovery
/// service. The group is <c>recovery</c> by default, and its log gets a snapshot every 2,000 entries, because
/// each may hold a state of 256 KiB.
/// </summary>
public sealed record RecoveryServiceOptions : ReplicaServiceOptions
{
    public const string Section = "Recovery";

    private const int MaxBackupGroups = 64;
    private const int MostGroups = 10_000;
    private const int MostMembersPerGroup = 256;
    private const int MostMembers = 20_000;
    private const long MostStateBytes = 8 * 1024 * 1024;

    public RecoveryServiceOptions()
    {
        Group = "recovery";
        SnapshotEveryEntries = 2_000;
    }

    /// <summary>
    /// Where backups are written and read, from the process's working folder; shared by all replicas, since
    /// any of them takes a command. Default <c>muster-backups</c>.
    /// </summary>
    public string BackupFolder { get; set; } = "muster-backups";

    /// <summary>
    /// The groups that a backup holds when its command names none. Default (empty): the lock service's,
    /// registry, recovery, detector and decisions.
    /// </summary>
    public IReadOnlyList<string> BackupGroups { get; set; } = [];

    /// <summary>
    /// How many of the default <see cref="BackupGroups"/> are the lock service's: as many as its
    /// <c>Lock:Groups</c> says. 1 (default) to 32.
    /// </summary>
    public int LockGroups { get; set; } = 1;

    /// <summary>
    /// How long a group's replicas have to give or take a state. Low: a busy group counts as away; high: a
    /// command waits long for one that is. 1 s to 5 min; default 10 s.
    /// </summary>
    public TimeSpan StateTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A recovery's step that does not move for so long is taken over from the replica that claimed it. Low:
    /// replicas take it from each other while the lock service is slow; high: a crash costs as much. 500 ms
    /// to 1 min; default 2 s.
    /// </summary>
    public TimeSpan ClaimPatience { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Standby groups. This and the next three are fixed in the log when the group is created. Low: more
    /// groups are refused; high: memory, and larger snapshots and backups. 1 to 10,000; default 1,000.
    /// </summary>
    public int MaxGroups { get; set; } = RecoveryLimits.Default.MaxGroups;

    /// <summary>
    /// Members of one group; a new one takes the place of the one that is unhealthy for longest. High: every
    /// answer about a group lists them all. 2 to 256; default 64.
    /// </summary>
    public int MaxMembersPerGroup { get; set; } = RecoveryLimits.Default.MaxMembersPerGroup;

    /// <summary>
    /// Members of all groups, in the same way. MaxMembersPerGroup to 20,000; default 2,000. Verdicts are kept
    /// of twice as many nodes, and six times as many commands are remembered, 4,096 at least.
    /// </summary>
    public int MaxMembers { get; set; } = RecoveryLimits.Default.MaxMembers;

    /// <summary>
    /// The states of all groups together. High: one that compresses badly is not backed up above about 5 MiB,
    /// and the log's snapshots take as much. 256 KiB, which is what one state may have, to 8 MiB; default
    /// 4 MiB.
    /// </summary>
    public long MaxTotalStateBytes { get; set; } = RecoveryLimits.Default.MaxTotalStateBytes;

    /// <summary>What a backup holds when its command names no groups.</summary>
    public IReadOnlyList<string> GroupsToBackUp => BackupGroups.Count > 0
        ? BackupGroups
        : [.. LockNames.NamesOf(LockGroups), "registry", "recovery", "detector", "decisions"];

    public static IEnumerable<string> Problems(RecoveryServiceOptions options)
    {
        foreach (var problem in Problems(options, Section))
        {
            yield return problem;
        }
        if (string.IsNullOrWhiteSpace(options.BackupFolder) || options.BackupFolder.Contains('\0'))
        {
            yield return $"{Section}:BackupFolder is '{options.BackupFolder}': the path of a folder.";
        }
        if (options.BackupGroups.Count > MaxBackupGroups
            || options.BackupGroups.Distinct(StringComparer.Ordinal).Count() != options.BackupGroups.Count
            || !options.BackupGroups.All(IsGroupName))
        {
            yield return $"{Section}:BackupGroups is {string.Join(", ", options.BackupGroups)}: at most "
                + $"{MaxBackupGroups} groups, each once, of 1 to 64 of a-z, A-Z, 0-9, hyphen and underscore.";
        }
        if (options.LockGroups is < 1 or > LockNames.Most)
        {
            yield return $"{Section}:LockGroups is {options.LockGroups}: 1 to {LockNames.Most}.";
        }
        if (options.StateTimeout < TimeSpan.FromSeconds(1) || options.StateTimeout > TimeSpan.FromMinutes(5))
        {
            yield return $"{Section}:StateTimeout is {options.StateTimeout}: 1 s to 5 min.";
        }
        if (options.ClaimPatience < TimeSpan.FromMilliseconds(500)
            || options.ClaimPatience > TimeSpan.FromMinutes(1))
        {
            yield return $"{Section}:ClaimPatience is {options.ClaimPatience}: 500 ms to 1 min.";
        }
        foreach (var problem in LimitProblems(options))
        {
            yield return problem;
        }
    }

    /// <summary>What a group is founded with.</summary>
    public RecoveryLimits ToLimits() => new()
    {
        MaxGroups = MaxGroups,
        MaxMembersPerGroup = MaxMembersPerGroup,
        MaxMembers = MaxMembers,
        MaxTotalStateBytes = MaxTotalStateBytes,
        MaxNodes = 2 * MaxMembers,
        MaxKeptCommandIds = RecoveryLimits.KeptCommandIdsOf(MaxMembers),
    };

    internal static bool IsGroupName(string? name) =>
        name?.Length is > 0 and <= 64
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static IEnumerable<string> LimitProblems(RecoveryServiceOptions options)
    {
        if (options.MaxGroups is < 1 or > MostGroups)
        {
            yield return $"{Section}:MaxGroups is {options.MaxGroups}: 1 to {MostGroups}.";
        }
        if (options.MaxMembersPerGroup is < 2 or > MostMembersPerGroup)
        {
            yield return $"{Section}:MaxMembersPerGroup is {options.MaxMembersPerGroup}: "
                + $"2 to {MostMembersPerGroup}.";
        }
        if (options.MaxMembers < options.MaxMembersPerGroup || options.MaxMembers > MostMembers)
        {
            yield return $"{Section}:MaxMembers is {options.MaxMembers}: {Section}:MaxMembersPerGroup, "
                + $"{options.MaxMembersPerGroup}, to {MostMembers}.";
        }
        var least = RecoveryLimits.Default.MaxStateBytes;
        if (options.MaxTotalStateBytes < least || options.MaxTotalStateBytes > MostStateBytes)
        {
            yield return $"{Section}:MaxTotalStateBytes is {options.MaxTotalStateBytes}: "
                + $"{least} to {MostStateBytes}.";
        }
    }
}
