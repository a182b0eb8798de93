using Muster.Contracts;
using LockNames = Muster.Contracts.Lock.LockGroups;

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
    /// The names of all voters of the bootstrap, the same on every node, and with <see cref="Join"/> those
    /// that this node announces itself to. Three survive the loss of one, five of two. Once ChangeMembers has
    /// changed a group's members, its log says who they are; the other groups keep the bootstrap's, as the
    /// node's file has them.
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
    /// An empty data folder becomes the disk of a node that is not a member yet: it announces itself to
    /// <see cref="Members"/> and waits for ChangeMembers to add it. Also the way back for a member that lost
    /// its disk, once it was removed. No effect on a folder that is in use.
    /// </summary>
    public bool Join { get; set; }

    /// <summary>
    /// The logs that the cluster keeps, the same on every node. More may be added later, none taken away.
    /// Default: one for each service, <c>lock</c>, <c>registry</c>, <c>detector</c> and <c>recovery</c>, and
    /// <c>decisions</c>, whose machine runs beside the nodes.
    /// </summary>
    public IList<string> Groups { get; set; } = [];

    /// <summary>
    /// How many of the default <see cref="Groups"/> are the lock service's: as many as its <c>Lock:Groups</c>
    /// says, or more: what a disk once kept it keeps. 1 (default) to 32; without effect where groups are
    /// named.
    /// </summary>
    public int LockGroups { get; set; } = 1;

    /// <summary>
    /// The groups that anybody may propose to through the public endpoint. Default none: a service's machine
    /// stops at an entry that it cannot read, so its log is for its own replicas. The broker's permissions
    /// guard the inboxes.
    /// </summary>
    public IList<string> OpenGroups { get; set; } = [];

    /// <summary>Where <c>consensus.db</c> lives; one folder per node, on a disk that really syncs.</summary>
    public string DataFolder { get; set; } = "";

    /// <summary>
    /// How long the node rests between looking through its whole file for rows that went bad, at 256 rows a
    /// second. At least 1 s; default 10 minutes.
    /// </summary>
    public TimeSpan ScrubInterval { get; set; } = TimeSpan.FromMinutes(10);

    public RaftTimes Raft { get; set; } = new();

    public IReadOnlyList<string> EffectiveGroups =>
        Groups.Count > 0
            ? [.. Groups]
            : [.. LockNames.NamesOf(LockGroups), "registry", "detector", "recovery", "decisions"];

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
        if (options.LockGroups is < 1 or > LockNames.Most)
        {
            yield return $"Consensus:LockGroups is {options.LockGroups}: 1 to {LockNames.Most}.";
        }
        if (options.Join && options.Bootstrap)
        {
            yield return "Consensus:Join and Consensus:Bootstrap are both true: a node forms a new cluster, "
                + "or joins one.";
        }
        if (!options.Join && !options.Members.Contains(options.Node, StringComparer.Ordinal))
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
        if (options.ScrubInterval < TimeSpan.FromSeconds(1))
        {
            yield return $"Consensus:ScrubInterval is {options.ScrubInterval}: 1 s at least.";
        }
        foreach (var problem in RaftTimes.Problems(options.Raft))
        {
            yield return problem;
        }
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
