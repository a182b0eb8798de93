using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// How one replica of a group proposes, reads and catches up. Times in milliseconds, as everywhere in a core.
/// </summary>
public sealed record ReplicaOptions
{
    public required string Group { get; init; }

    /// <summary>
    /// This replica's incarnation: unique for each start of a process, because proposal numbers begin at 1
    /// again.
    /// </summary>
    public required string Origin { get; init; }

    /// <summary>
    /// The replica's name in the group's record, the same at each of its starts: the origin up to its first
    /// point. Two replicas of one name do not confirm each other's states.
    /// </summary>
    public string Replica => Origin.Split('.')[0];

    /// <summary>
    /// Commands of one proposal at most. Low: more entries; high: longer single steps of the machine. Default
    /// 256.
    /// </summary>
    public int MaxBatchCommands { get; init; } = 256;

    /// <summary>
    /// A batch that encodes to more is halved until it fits or holds one command. Default 128 KiB.
    /// </summary>
    public int MaxBatchBytes { get; init; } = 128 * 1024;

    /// <summary>
    /// A single command that encodes to an entry of more is refused as too large, because no message could
    /// carry it. At most, and by default, <see cref="LogEntry.LargestPayloadBytes"/>.
    /// </summary>
    public int MaxEntryBytes { get; init; } = LogEntry.LargestPayloadBytes;

    /// <summary>
    /// Unanswered proposals at a time. Below it a waiting command leaves at once; at it commands gather.
    /// Default 4.
    /// </summary>
    public int MaxInflightProposals { get; init; } = 4;

    /// <summary>A command or read without an answer by then is reported as unknown. Default 10 s.</summary>
    public long CommandTimeout { get; init; } = 10_000;

    /// <summary>A request without an answer is sent again after this time. Default 1 s.</summary>
    public long ResendMilliseconds { get; init; } = 1_000;

    /// <summary>
    /// How long an entry may be missing before it is asked for: messages overtake each other. Default 50 ms.
    /// </summary>
    public long GapMilliseconds { get; init; } = 50;

    /// <summary>
    /// A replica that did not run for longer takes no commands for as long again: those it had may be older
    /// than the machine remembers. Far below the time for which command ids are remembered; low: a busy
    /// computer is taken for a stopped one. Default 3 s.
    /// </summary>
    public long StandstillMilliseconds { get; init; } = 3_000;

    /// <summary>
    /// Commands that wait for a proposal at most, and reads that wait for an index; more are refused. Default
    /// 20,000.
    /// </summary>
    public int MaxPendingCommands { get; init; } = 20_000;

    /// <summary>
    /// A tick is proposed up to this long after it is due, each replica at its own fixed delay, so that
    /// mostly one of them does. Low: several propose the same tick; high: deadlines pass late. Default 20 ms.
    /// </summary>
    public long TickSlackMilliseconds { get; init; } = 20;

    /// <summary>
    /// The state's digest is compared with the other replicas' each so many entries, less often for a state
    /// above 64 bytes for each. Low: a difference is found sooner, for more work and reports; 0 = never, then
    /// snapshots leave unconfirmed, and the machine's version stays as it is. Default 1,024.
    /// </summary>
    public long DigestEveryEntries { get; init; } = 1_024;

    /// <summary>
    /// A snapshot is taken once so many entries came, at the next index where digests are compared; 0 =
    /// never. Default 20,000.
    /// </summary>
    public long SnapshotEveryEntries { get; init; } = 20_000;

    /// <summary>
    /// A snapshot is also taken once the entries applied since the last one have so many bytes, so that few
    /// large ones cut the log too; 0 = never. Default 64 MiB.
    /// </summary>
    public long SnapshotEveryBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Throws when values contradict each other or make no sense.</summary>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Group);
        ArgumentException.ThrowIfNullOrEmpty(Origin);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxBatchCommands);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxBatchBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxEntryBytes, MaxBatchBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxEntryBytes, LogEntry.LargestPayloadBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxInflightProposals);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(GapMilliseconds);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(StandstillMilliseconds);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxPendingCommands);
        ArgumentOutOfRangeException.ThrowIfNegative(TickSlackMilliseconds);
        ArgumentOutOfRangeException.ThrowIfNegative(DigestEveryEntries);
        ArgumentOutOfRangeException.ThrowIfNegative(SnapshotEveryEntries);
        ArgumentOutOfRangeException.ThrowIfNegative(SnapshotEveryBytes);
        if (ResendMilliseconds < GapMilliseconds || CommandTimeout <= ResendMilliseconds)
        {
            throw new ArgumentException(
                $"GapMilliseconds ({GapMilliseconds}) <= ResendMilliseconds ({ResendMilliseconds}) < "
                + $"CommandTimeout ({CommandTimeout}) must hold.");
        }
    }
}
