using Muster.Consensus.Core;
using Muster.Contracts.Consensus;

namespace Muster.Consensus;

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

    /// <summary>
    /// What a group's kept entries may take, all of which are in memory, on disk and read at start; more is
    /// refused as log-full until a replica's snapshot allows to cut. Low: a burst of large entries is refused
    /// before its snapshot comes; high: memory. At least TrailingBytes and MaxUncommittedBytes together.
    /// Default 1 GiB.
    /// </summary>
    public long MaxLogBytes { get; set; } = 1024L * 1024 * 1024;

    /// <summary>
    /// What the entries kept before a snapshot's index may take; the stricter of this and TrailingEntries
    /// counts. Low: a slow follower or replica needs the snapshot; high: memory. Default 64 MiB.
    /// </summary>
    public long TrailingBytes { get; set; } = 64 * 1024 * 1024;

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
        if (times.TrailingBytes < 0 || times.MaxUncommittedBytes > times.MaxLogBytes - times.TrailingBytes)
        {
            yield return $"Consensus:Raft: MaxLogBytes {times.MaxLogBytes} must be at least TrailingBytes "
                + $"{times.TrailingBytes}, not negative, and MaxUncommittedBytes {times.MaxUncommittedBytes} "
                + "together.";
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
        MaxLogBytes = MaxLogBytes,
        TrailingBytes = TrailingBytes,
    };
}
