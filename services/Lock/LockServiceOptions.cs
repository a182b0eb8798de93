using Muster.Contracts.Lock;
using Muster.Serving;

namespace Muster.Lock;

/// <summary>
/// Section <c>Lock</c> (environment <c>Lock__Replica</c> and so on): one replica of the lock service. The
/// group is <c>lock</c> by default, and the first one of several.
/// </summary>
public sealed record LockServiceOptions : ReplicaServiceOptions
{
    public const string Section = "Lock";

    private const long MostHistoryEntries = 100_000_000;

    public LockServiceOptions() => Group = LockGroups.FirstName;

    /// <summary>
    /// Over how many groups the locks are spread by their names, 1 (default) to <see cref="LockGroups.Most"/>
    /// = 32: <c>lock</c>, <c>lock-1</c> and so on, which the consensus nodes must keep. Fixed in the log when
    /// the cluster is founded; with another number a process does not start. High: more locks than one group
    /// holds, at the cost of one log, one snapshot and one renewal more for each.
    /// </summary>
    public int Groups { get; set; } = 1;

    /// <summary>
    /// Where each replica keeps what happened to its locks, in a file for each group, from the process's
    /// working folder; it survives a restart there. Empty (default): in a temporary file of SQLite's, gone
    /// when the process ends.
    /// </summary>
    public string HistoryFolder { get; set; } = "";

    /// <summary>
    /// How many entries of it a replica keeps for each group; the oldest go first. About 300 bytes each. 0:
    /// no history; to 100 million; default 1 million.
    /// </summary>
    public long HistoryEntries { get; set; } = 1_000_000;

    /// <summary>
    /// How long an entry is kept, when there are not too many; looked at as others are written. 1 min to
    /// 10 years; default 7 days.
    /// </summary>
    public TimeSpan HistoryAge { get; set; } = TimeSpan.FromDays(7);

    /// <summary>The names of the groups, in the order of their numbers.</summary>
    public IReadOnlyList<string> GroupNames => LockGroups.NamesOf(Groups, Group);

    public static IEnumerable<string> Problems(LockServiceOptions options)
    {
        foreach (var problem in Problems(options, Section))
        {
            yield return problem;
        }
        if (options.HistoryFolder is null || options.HistoryFolder.Contains('\0'))
        {
            yield return $"{Section}:HistoryFolder is '{options.HistoryFolder}': the path of a folder.";
        }
        if (options.HistoryEntries is < 0 or > MostHistoryEntries)
        {
            yield return $"{Section}:HistoryEntries is {options.HistoryEntries}: 0 to {MostHistoryEntries}.";
        }
        if (options.HistoryAge < TimeSpan.FromMinutes(1) || options.HistoryAge > TimeSpan.FromDays(3_650))
        {
            yield return $"{Section}:HistoryAge is {options.HistoryAge}: 1 min to 3,650 days.";
        }
        if (options.Groups is < 1 or > LockGroups.Most)
        {
            yield return $"{Section}:Groups is {options.Groups}: 1 to {LockGroups.Most}.";
        }
        else if (options.GroupNames[^1].Length > MaxNameLength)
        {
            yield return $"{Section}:Group '{options.Group}' leaves no room for numbers: "
                + $"{options.GroupNames[^1]} has more than {MaxNameLength} characters.";
        }
    }
}
