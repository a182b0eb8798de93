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

    /// <summary>
    /// Payload bytes in one AppendEntries at most, but at least one entry. Low: more messages; high: a lost
    /// one costs more, and a heartbeat waits longer behind it. 4 KiB to 8 MiB; default 256 KiB.
    /// </summary>
    public int MaxAppendBytes { get; set; } = 256 * 1024;

    /// <summary>
    /// AppendEntries with entries under way to one follower at most. Low: a distant follower waits for
    /// answers; high: more is sent again after a loss. 1 to 1,024; default 16.
    /// </summary>
    public int MaxInflightAppends { get; set; } = 16;

    /// <summary>
    /// Bytes under way to one follower above which no further AppendEntries with entries leaves. Low: large
    /// entries go one by one; high: they fill the follower's inbox and memory. At least MaxAppendBytes.
    /// Default 16 MiB.
    /// </summary>
    public long MaxInflightBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// Reads that wait for a majority to confirm the leader at most; more is refused as overloaded. Low:
    /// bursts of reads are refused; high: memory while the majority is away. 1 to 1,000,000; default 10,000.
    /// </summary>
    public int MaxPendingReads { get; set; } = 10_000;

    /// <summary>
    /// Entries after the snapshot at most; more is refused as log-full. Low: little is taken while no replica
    /// makes snapshots; high: memory, and the time of a start, which reads them all. Default 600,000.
    /// </summary>
    public long MaxLogEntries { get; set; } = 600_000;

    /// <summary>
    /// Entries kept before a snapshot's index, so that a slow follower needs no snapshot. Default 5,000.
    /// </summary>
    public long TrailingEntries { get; set; } = 5_000;

    /// <summary>
    /// What a group's kept entries may take, all of which are in memory, on disk and read at start; more is
    /// refused as log-full until a replica's snapshot allows to cut. Low: a burst of large entries is refused
    /// before its snapshot comes; high: memory, and the time of a start. One of more than 936 bytes counts
    /// 4 KiB more, as on disk. At least TrailingBytes and MaxUncommittedBytes together. Default 512 MiB.
    /// </summary>
    public long MaxLogBytes { get; set; } = 512 * 1024 * 1024;

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
        if (times.MaxAppendBytes is < 4 * 1024 or > 8 * 1024 * 1024
            || times.MaxInflightBytes < times.MaxAppendBytes)
        {
            yield return $"Consensus:Raft: MaxAppendBytes {times.MaxAppendBytes} must be 4 KiB to 8 MiB, and "
                + $"MaxInflightBytes {times.MaxInflightBytes} at least as much.";
        }
        if (times.MaxInflightAppends is < 1 or > 1024 || times.MaxPendingReads is < 1 or > 1_000_000)
        {
            yield return $"Consensus:Raft: MaxInflightAppends {times.MaxInflightAppends} must be 1 to 1024, "
                + $"and MaxPendingReads {times.MaxPendingReads} 1 to 1000000.";
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
        MaxAppendBytes = MaxAppendBytes,
        MaxInflightAppends = MaxInflightAppends,
        MaxInflightBytes = MaxInflightBytes,
        MaxPendingReads = MaxPendingReads,
        MaxLogEntries = MaxLogEntries,
        TrailingEntries = TrailingEntries,
        MaxLogBytes = MaxLogBytes,
        TrailingBytes = TrailingBytes,
    };
}
