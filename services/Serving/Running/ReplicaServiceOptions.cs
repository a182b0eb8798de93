using Muster.Replication.Core;

namespace Muster.Serving;

/// <summary>
/// What every replica of a service is told. A service derives its own from it, with its section's name and
/// its group's.
/// </summary>
public record ReplicaServiceOptions
{
    protected const int MaxNameLength = 64;

    /// <summary>
    /// The Raft group whose log the service's state lives in; must be among the consensus nodes' groups.
    /// Default: the service's name.
    /// </summary>
    public string Group { get; set; } = "";

    /// <summary>
    /// This replica's name in logs and addresses, and in the group's log: replicas of one name do not confirm
    /// each other's states. Default: the machine's name.
    /// </summary>
    public string Replica { get; set; } = Environment.MachineName;

    /// <summary>The cluster the machine is created for, in every answer. Default <c>muster</c>.</summary>
    public string ClusterId { get; set; } = "muster";

    /// <summary>
    /// How long command ids without a session's sequence are remembered, in log time; fixed in the log when
    /// the group is created. Shorter forgets sooner what a late duplicate would repeat; longer costs
    /// memory. At least the <see cref="CommandTimeout"/> and the minute for which a batch may wait in its
    /// queue; 1 day at most; default 10 min.
    /// </summary>
    public TimeSpan CommandWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// A command whose entry is not applied by then is answered "unknown". 1 s to 5 min; default 10 s.
    /// </summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Compare the state's digest with the other replicas' every so many entries; less often, but at the same
    /// entries, when the state is large. Low: a replica that differs stops sooner, for more work; 0 never
    /// does, and then a snapshot needs no second digest. Default 1,024.
    /// </summary>
    public int DigestEveryEntries { get; set; } = 1_024;

    /// <summary>
    /// Give the group's log a snapshot every so many entries; 0 never does. Default 20,000.
    /// </summary>
    public int SnapshotEveryEntries { get; set; } = 20_000;

    /// <summary>
    /// Give the group's log a snapshot also when the entries since the last have so many bytes; 0 never does.
    /// Low: machines of some MiB are sent often; high: a log of large entries grows, up to the nodes'
    /// Consensus:Raft:MaxLogBytes, which must be more. Default 64 MiB.
    /// </summary>
    public long SnapshotEveryBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>What is wrong, naming the options by their section; nothing when all is well.</summary>
    public static IEnumerable<string> Problems(ReplicaServiceOptions options, string section)
    {
        foreach (var name in new[] { options.Group, options.Replica, options.ClusterId })
        {
            if (name.Length is 0 or > MaxNameLength
                || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            {
                yield return $"{section}: the name '{name}' must be 1 to {MaxNameLength} of a-z, A-Z, "
                    + "0-9, hyphen and underscore.";
            }
        }
        if (options.CommandWindow > TimeSpan.FromDays(1))
        {
            yield return $"{section}:CommandWindow is {options.CommandWindow}: 1 day at most.";
        }
        if (options.CommandTimeout < TimeSpan.FromSeconds(1)
            || options.CommandTimeout > TimeSpan.FromMinutes(5))
        {
            yield return $"{section}:CommandTimeout is {options.CommandTimeout}: 1 s to 5 min.";
        }
        if (options.CommandWindow < options.CommandTimeout + Batches.Life)
        {
            yield return $"{section}:CommandWindow {options.CommandWindow} is shorter than "
                + $"{section}:CommandTimeout {options.CommandTimeout} and the {Batches.Life} for which a "
                + "batch may wait in its queue: a command would be forgotten while copies of it are about.";
        }
        if (options.DigestEveryEntries < 0)
        {
            yield return $"{section}:DigestEveryEntries is {options.DigestEveryEntries}: 0 or more.";
        }
        if (options.SnapshotEveryEntries < 0 || options.SnapshotEveryBytes < 0)
        {
            yield return $"{section}:SnapshotEveryEntries is {options.SnapshotEveryEntries} and "
                + $"{section}:SnapshotEveryBytes {options.SnapshotEveryBytes}: 0 or more.";
        }
    }

    /// <summary>Names an incarnation of this replica: new at each start.</summary>
    public string NewOrigin() => $"{Replica}.{Guid.NewGuid().ToString("N")[..8]}";

    public ReplicaOptions ToReplicaOptions(string origin) => new()
    {
        Group = Group,
        Origin = origin,
        CommandTimeout = (long)CommandTimeout.TotalMilliseconds,
        DigestEveryEntries = DigestEveryEntries,
        SnapshotEveryEntries = SnapshotEveryEntries,
        SnapshotEveryBytes = SnapshotEveryBytes,
    };
}
