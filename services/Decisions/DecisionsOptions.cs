using Muster.Decisions.Machine;
using Muster.Serving;

namespace Muster.Decisions;

/// <summary>
/// Section <c>Decisions</c> (environment <c>Decisions__MaxKeys</c> and so on) of a consensus process: its
/// replica of the decisions. It runs when the process's node keeps the group, <c>decisions</c> by default.
/// The limits are fixed in the log when the group is created.
/// </summary>
public sealed record DecisionsOptions : ReplicaServiceOptions
{
    public const string Section = "Decisions";

    private const int MostKeys = 1_000_000;
    private const long LeastBytes = 64 * 1024;
    private const long MostBytes = 64 * 1024 * 1024;

    public DecisionsOptions()
    {
        Group = "decisions";
        (Replica, ClusterId) = ("", "");
    }

    /// <summary>
    /// Decided keys, for ever; then new ones are refused. High: memory, and larger snapshots and backups. 1
    /// to 1,000,000; default 100,000.
    /// </summary>
    public int MaxKeys { get; set; } = DecisionLimits.Default.MaxKeys;

    /// <summary>
    /// All decisions together: UTF-8 bytes of keys, values, proposers and command ids, and 64 for each. High:
    /// decisions that compress badly are not backed up any more. 64 KiB to 64 MiB; default 6 MiB, which a
    /// backup always takes.
    /// </summary>
    public long MaxBytes { get; set; } = DecisionLimits.Default.MaxBytes;

    /// <summary>A key's UTF-8 bytes. 1 to 4,096; default 512.</summary>
    public int MaxKeyBytes { get; set; } = DecisionLimits.Default.MaxKeyBytes;

    /// <summary>
    /// A value's UTF-8 bytes. High: few values fill the group; put large content elsewhere, and decide its
    /// name. 1 to 256 KiB; default 64 KiB.
    /// </summary>
    public int MaxValueBytes { get; set; } = DecisionLimits.Default.MaxValueBytes;

    public static IEnumerable<string> Problems(DecisionsOptions options)
    {
        foreach (var problem in Problems(options.For("node", "cluster"), Section))
        {
            yield return problem;
        }
        if (options.MaxKeys is < 1 or > MostKeys)
        {
            yield return $"{Section}:MaxKeys is {options.MaxKeys}: 1 to {MostKeys}.";
        }
        if (options.MaxBytes is < LeastBytes or > MostBytes)
        {
            yield return $"{Section}:MaxBytes is {options.MaxBytes}: "
                + $"{LeastBytes} to {MostBytes}.";
        }
        if (options.MaxKeyBytes is < 1 or > DecisionLimits.MostKeyBytes)
        {
            yield return $"{Section}:MaxKeyBytes is {options.MaxKeyBytes}: "
                + $"1 to {DecisionLimits.MostKeyBytes}.";
        }
        if (options.MaxValueBytes is < 1 or > DecisionLimits.MostValueBytes)
        {
            yield return $"{Section}:MaxValueBytes is {options.MaxValueBytes}: "
                + $"1 to {DecisionLimits.MostValueBytes}.";
        }
    }

    /// <summary>
    /// With a name after the node's and its cluster's, where none are set. Not the node's own name: both tell
    /// of their place in the group's log, as series that are told apart by it.
    /// </summary>
    public DecisionsOptions For(string node, string cluster) => this with
    {
        Replica = Replica.Length == 0 ? node + "-decisions" : Replica,
        ClusterId = ClusterId.Length == 0 ? cluster : ClusterId,
    };

    /// <summary>What a group is founded with.</summary>
    public DecisionLimits ToLimits() => new()
    {
        MaxKeys = MaxKeys,
        MaxBytes = MaxBytes,
        MaxKeyBytes = MaxKeyBytes,
        MaxValueBytes = MaxValueBytes,
    };
}
