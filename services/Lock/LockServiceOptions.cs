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

    public LockServiceOptions() => Group = LockGroups.FirstName;

    /// <summary>
    /// Over how many groups the locks are spread by their names, 1 (default) to <see cref="LockGroups.Most"/>
    /// = 32: <c>lock</c>, <c>lock-1</c> and so on, which the consensus nodes must keep. Fixed in the log when
    /// the cluster is founded; with another number a process does not start. High: more locks than one group
    /// holds, at the cost of one log, one snapshot and one renewal more for each.
    /// </summary>
    public int Groups { get; set; } = 1;

    /// <summary>The names of the groups, in the order of their numbers.</summary>
    public IReadOnlyList<string> GroupNames => LockGroups.NamesOf(Groups, Group);

    public static IEnumerable<string> Problems(LockServiceOptions options)
    {
        foreach (var problem in Problems(options, Section))
        {
            yield return problem;
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
