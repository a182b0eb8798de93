namespace Muster.Contracts.Consensus;

/// <summary>
/// Asks any node for committed entries, to fill a gap. Answer: <see cref="EntriesRead"/>
/// or <see cref="ConsensusRefused"/>.
/// </summary>
public sealed record ReadEntries
{
    public string Group { get; init; } = "";

    /// <summary>
    /// The log that the sender follows; a node of another one refuses with
    /// <see cref="ConsensusRefusal.OtherLog"/>. Empty: any.
    /// </summary>
    public string LogId { get; init; } = "";

    public string RequestId { get; init; } = "";

    public LogIndex FromIndex { get; init; }

    /// <summary>
    /// Stop after about so many bytes of payload; at least one entry is returned when there is one.
    /// </summary>
    public int MaxBytes { get; init; } = 256 * 1024;
}

/// <summary>Committed entries from the asked index on, as many as fit.</summary>
public sealed record EntriesRead
{
    public string Group { get; init; } = "";

    /// <summary>Which log this is of; see <see cref="PeerMessage.LogId"/>.</summary>
    public string LogId { get; init; } = "";

    public string RequestId { get; init; } = "";

    public IReadOnlyList<LogEntry> Entries { get; init; } = [];

    public LogIndex CommitIndex { get; init; }
}

/// <summary>
/// Asks any node for its newest snapshot of a group. Answer: <see cref="SnapshotRead"/>
/// or <see cref="ConsensusRefused"/>.
/// </summary>
public sealed record ReadSnapshot
{
    public string Group { get; init; } = "";

    /// <summary>
    /// The log that the sender follows; a node of another one refuses with
    /// <see cref="ConsensusRefusal.OtherLog"/>. Empty: any.
    /// </summary>
    public string LogId { get; init; } = "";

    public string RequestId { get; init; } = "";
}

public sealed record SnapshotRead
{
    public string Group { get; init; } = "";

    /// <summary>Which log this is of; see <see cref="PeerMessage.LogId"/>.</summary>
    public string LogId { get; init; } = "";

    public string RequestId { get; init; } = "";

    /// <summary>Null when the group was never compacted: read from index 1.</summary>
    public GroupSnapshot? Snapshot { get; init; }
}

/// <summary>
/// Gives every node a machine's state, so that each can cut its log. Ignored when older than the one
/// it has or above its commit index.
/// </summary>
public sealed record StoreSnapshot
{
    public string Group { get; init; } = "";

    /// <summary>
    /// The log that the machine follows. Must be set: another log's state would be taken for this one's.
    /// </summary>
    public string LogId { get; init; } = "";

    public LogIndex Index { get; init; }

    public byte[] Payload { get; init; } = [];
}
