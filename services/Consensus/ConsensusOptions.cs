using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus;

/// <summary>
/// Section <c>Consensus</c> (environment <c>Consensus__Node</c> and so on): one consensus node.
/// </summary>
public sealed record ConsensusOptions
{
    public const string Section = "Consensus";

    /// <summary>This node's name; one of <see cref="Members"/>.</summary>
    public string Node { get; set; } = "";

    /// <summary>
    /// The names of all voters, the same on every node. Three survive the loss of one, five of two.
    /// </summary>
    public IList<string> Members { get; set; } = [];

    /// <summary>Names the cluster in every message and file. Default <c>muster</c>.</summary>
    public string ClusterId { get; set; } = "muster";

    /// <summary>
    /// Allows an empty data folder to become a new disk. Set it for the first start of a new cluster. A
    /// member whose disk was lost gains nothing by it: the others know its old disk and refuse the new one.
    /// </summary>
    public bool Bootstrap { get; set; }

    /// <summary>
    /// The logs that the cluster keeps, the same on every node. More may be added later, none taken away.
    /// Default: one for each service, <c>lock</c>, <c>registry</c>, <c>detector</c> and <c>recovery</c>.
    /// </summary>
    public IList<string> Groups { get; set; } = [];

    /// <summary>
    /// The groups that anybody may propose to through the public endpoint. Default none: a service's machine
    /// stops at an entry that it cannot read, so its log is for its own replicas. The broker's permissions
    /// guard the inboxes.
    /// </summary>
    public IList<string> OpenGroups { get; set; } = [];

    /// <summary>Where <c>consensus.db</c> lives; one folder per node, on a disk that really syncs.</summary>
    public string DataFolder { get; set; } = "";

    public RaftTimes Raft { get; set; } = new();

    public IReadOnlyList<string> EffectiveGroups =>
        Groups.Count == 0 ? ["lock", "registry", "detector", "recovery"] : [.. Groups];

    public IReadOnlyList<NodeId> MemberIds => [.. Members.Select(member => new NodeId(member))];

    public static IEnumerable<string> Problems(ConsensusOptions options)
    {
        IEnumerable<string> names =
            [options.Node, options.ClusterId, .. options.Members, .. options.EffectiveGroups];
        foreach (var name in names)
        {
            if (!IsName(name))
            {
                yield return $"Consensus: '{name}' must be 1 to 64 letters, digits, '-' and '_'.";
            }
        }
        if (!options.Members.Contains(options.Node, StringComparer.Ordinal))
        {
            yield return $"Consensus:Node is '{options.Node}', which Consensus:Members "
                + $"'{string.Join(", ", options.Members)}' does not name.";
        }
        if (options.Members.Distinct(StringComparer.Ordinal).Count() != options.Members.Count
            || options.Members.Count > 9)
        {
            yield return $"Consensus:Members is '{string.Join(", ", options.Members)}': "
                + "at most 9, each once.";
        }
        if (options.EffectiveGroups.Distinct(StringComparer.Ordinal).Count() != options.EffectiveGroups.Count)
        {
            yield return $"Consensus:Groups is '{string.Join(", ", options.Groups)}': each once.";
        }
        if (options.DataFolder.Length == 0)
        {
            yield return "Consensus:DataFolder is not set: a folder of this node's own.";
        }
        foreach (var problem in RaftTimes.Problems(options.Raft))
        {
            yield return problem;
        }
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}

/// <summary>Section <c>Consensus:Raft</c>: how fast the cluster reacts, and how much it holds.</summary>
public sealed record RaftTimes
{
    /// <summary>
    /// How often a leader without work shows that it lives. Lower finds a dead one sooner and costs messages.
    /// Default 100 ms.
    /// </summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The shortest silence after which a node stands for election. Lower fails over sooner and elects
    /// needlessly when the broker or a disk is slow. At least three heartbeats. Default 500 ms.
    /// </summary>
    public TimeSpan ElectionMin { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest such silence; the wider the range, the rarer a split vote. Default 1 s.</summary>
    public TimeSpan ElectionMax { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long one's own connection must outlive a broker hint before it counts. Default 20 ms.
    /// </summary>
    public TimeSpan HintSettle { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// One payload at most. Default, and most, 11 MiB, which is what a message of 16 MiB carries in base64;
    /// a restored backup is one entry.
    /// </summary>
    public int MaxPayloadBytes { get; set; } = LogEntry.LargestPayloadBytes;

    /// <summary>Appended and not committed at most; more is refused as overloaded. Default 32 MiB.</summary>
    public long MaxUncommittedBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Entries after the snapshot at most; more is refused as log-full. Default 1,000,000.</summary>
    public long MaxLogEntries { get; set; } = 1_000_000;

    /// <summary>
    /// Entries kept before a snapshot's index, so that a slow follower needs no snapshot. Default 5,000.
    /// </summary>
    public long TrailingEntries { get; set; } = 5_000;

    public static IEnumerable<string> Problems(RaftTimes times)
    {
        if (times.Heartbeat < TimeSpan.FromMilliseconds(5) || times.ElectionMin < 3 * times.Heartbeat)
        {
            yield return $"Consensus:Raft: Heartbeat {times.Heartbeat} must be 5 ms at least, "
                + $"and ElectionMin {times.ElectionMin} three heartbeats at least.";
        }
        if (times.ElectionMax < times.ElectionMin * 1.2 || times.ElectionMax > TimeSpan.FromMinutes(1))
        {
            yield return $"Consensus:Raft: ElectionMax {times.ElectionMax} must be a fifth above "
                + $"ElectionMin {times.ElectionMin} and a minute at most.";
        }
        if (times.MaxPayloadBytes is < 1024 or > LogEntry.LargestPayloadBytes
            || times.MaxUncommittedBytes <= times.MaxPayloadBytes)
        {
            yield return $"Consensus:Raft: MaxPayloadBytes {times.MaxPayloadBytes} must be 1024 to "
                + $"{LogEntry.LargestPayloadBytes}, and MaxUncommittedBytes {times.MaxUncommittedBytes} "
                + "more.";
        }
        if (times.TrailingEntries < 0 || times.MaxLogEntries <= times.TrailingEntries
            || times.HintSettle < TimeSpan.Zero)
        {
            yield return $"Consensus:Raft: MaxLogEntries {times.MaxLogEntries} must be above "
                + $"TrailingEntries {times.TrailingEntries}, and HintSettle {times.HintSettle} not negative.";
        }
    }

    public RaftOptions ToCore() => new()
    {
        HeartbeatMilliseconds = (long)Heartbeat.TotalMilliseconds,
        ElectionMinMilliseconds = (long)ElectionMin.TotalMilliseconds,
        ElectionMaxMilliseconds = (long)ElectionMax.TotalMilliseconds,
        HintSettleMilliseconds = (long)HintSettle.TotalMilliseconds,
        MaxPayloadBytes = MaxPayloadBytes,
        MaxUncommittedBytes = MaxUncommittedBytes,
        MaxLogEntries = MaxLogEntries,
        TrailingEntries = TrailingEntries,
    };
}
