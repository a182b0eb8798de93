using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>The core's times, in milliseconds of the driver's monotonic clock, and its limits.</summary>
public sealed record RaftOptions
{
    /// <summary>
    /// A leader that has nothing to send sends an empty AppendEntries this often. Default 100.
    /// </summary>
    public long HeartbeatMilliseconds { get; init; } = 100;

    /// <summary>
    /// A follower stands for election after a random silence between this and the maximum. Default 500.
    /// </summary>
    public long ElectionMinMilliseconds { get; init; } = 500;

    /// <summary>Default 1000.</summary>
    public long ElectionMaxMilliseconds { get; init; } = 1000;

    /// <summary>
    /// How long one's own connection must outlive a broker hint before it counts: a stopping broker closes
    /// everybody's. Default 20.
    /// </summary>
    public long HintSettleMilliseconds { get; init; } = 20;

    /// <summary>
    /// A hinted candidate asks for pre-votes this often until the others have seen the hint too. Default 5.
    /// </summary>
    public long HintRetryMilliseconds { get; init; } = 5;

    /// <summary>
    /// Payload bytes in one AppendEntries at most, but at least one entry. Default 256 KiB.
    /// </summary>
    public int MaxAppendBytes { get; init; } = 256 * 1024;

    /// <summary>AppendEntries with entries under way to one follower at most. Default 16.</summary>
    public int MaxInflightAppends { get; init; } = 16;

    /// <summary>
    /// Bytes under way to one follower above which no further AppendEntries with entries leaves. Default
    /// 16 MiB.
    /// </summary>
    public long MaxInflightBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// Of a snapshot in one InstallSnapshot at most. Default, and most,
    /// <see cref="InstallSnapshot.LargestDataBytes"/>.
    /// </summary>
    public int MaxSnapshotPartBytes { get; init; } = InstallSnapshot.LargestDataBytes;

    /// <summary>One payload at most. Default, and most, <see cref="LogEntry.LargestPayloadBytes"/>.</summary>
    public int MaxPayloadBytes { get; init; } = LogEntry.LargestPayloadBytes;

    /// <summary>Appended and not committed at most; more is refused as overloaded. Default 32 MiB.</summary>
    public long MaxUncommittedBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Entries after the snapshot at most; more is refused as log-full. Default 600,000.</summary>
    public long MaxLogEntries { get; init; } = 600_000;

    /// <summary>
    /// Entries kept before a stored snapshot's index, so that a slow follower needs no snapshot. Default
    /// 5,000.
    /// </summary>
    public long TrailingEntries { get; init; } = 5_000;

    /// <summary>
    /// What all kept entries, which are in memory, may take; more is refused as log-full. One of more than
    /// 936 bytes counts 4 KiB more, as on disk. Default 512 MiB.
    /// </summary>
    public long MaxLogBytes { get; init; } = 512 * 1024 * 1024;

    /// <summary>
    /// What the entries kept before a stored snapshot's index may take. Default 64 MiB.
    /// </summary>
    public long TrailingBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Read index requests that wait for their confirmation at most; more is refused as overloaded. Default
    /// 10,000.
    /// </summary>
    public int MaxPendingReads { get; init; } = 10_000;

    /// <summary>
    /// Times must be positive and in order (heartbeat, election minimum, maximum), limits positive.
    /// </summary>
    /// <exception cref="ArgumentException">Names the rule and the values that break it.</exception>
    public void ThrowIfInvalid()
    {
        Require(HeartbeatMilliseconds > 0, $"Heartbeat {HeartbeatMilliseconds} ms must be positive.");
        Require(HintRetryMilliseconds > 0, $"Hint retry {HintRetryMilliseconds} ms must be positive.");
        Require(HintSettleMilliseconds >= 0,
            $"Hint settle {HintSettleMilliseconds} ms must not be negative.");
        Require(HeartbeatMilliseconds < ElectionMinMilliseconds,
            $"Heartbeat {HeartbeatMilliseconds} ms is not below the minimum {ElectionMinMilliseconds} ms.");
        Require(ElectionMinMilliseconds <= ElectionMaxMilliseconds,
            $"Election minimum {ElectionMinMilliseconds} ms is above maximum {ElectionMaxMilliseconds} ms.");
        Require(MaxAppendBytes > 0 && MaxInflightAppends > 0 && MaxPayloadBytes > 0 && MaxPendingReads > 0,
            "Limits of appends, payloads and pending reads must be positive.");
        Require(MaxSnapshotPartBytes is > 0 and <= InstallSnapshot.LargestDataBytes,
            $"Parts of snapshots of {MaxSnapshotPartBytes} bytes must be positive, and at most "
            + $"{InstallSnapshot.LargestDataBytes}.");
        Require(MaxPayloadBytes <= LogEntry.LargestPayloadBytes && MaxInflightBytes > 0,
            $"Payload limit {MaxPayloadBytes} must not be above {LogEntry.LargestPayloadBytes}, "
            + $"and bytes under way {MaxInflightBytes} must be positive.");
        Require(MaxPayloadBytes < MaxUncommittedBytes,
            $"Payload limit {MaxPayloadBytes} must be below uncommitted limit {MaxUncommittedBytes}.");
        Require(MaxLogEntries > 0 && TrailingEntries >= 0,
            $"Log limit {MaxLogEntries} must be positive, trailing {TrailingEntries} not negative.");
        Require(TrailingBytes >= 0 && MaxUncommittedBytes <= MaxLogBytes - TrailingBytes,
            $"Log limit {MaxLogBytes} bytes must have room for trailing {TrailingBytes} and uncommitted "
            + $"{MaxUncommittedBytes}.");
    }

    private static void Require(bool holds, string message)
    {
        if (!holds) throw new ArgumentException(message);
    }
}
