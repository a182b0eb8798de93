namespace Muster.Contracts.Consensus;

/// <summary>
/// Asks any node for committed entries, to fill a gap. Answer: <see cref="EntriesRead"/>
/// or <see cref="ConsensusRefused"/>.
/// </summary>
public sealed record ReadEntries
{
    /// <inheritdoc cref="ProposeEntries.Group"/>
    public string Group { get; init; } = "";

    /// <summary>
    /// The log that the sender follows; a node of another one refuses with
    /// <see cref="ConsensusRefusal.OtherLog"/>. Empty: any.
    /// </summary>
    public string LogId { get; init; } = "";

    /// <summary>
    /// Chosen by the sender and repeated in the answer; any text. Nodes remember none: what is asked twice is
    /// answered twice. Empty (default): the answer is known by its correlation id alone.
    /// </summary>
    public string RequestId { get; init; } = "";

    /// <summary>
    /// The first entry wanted, 1 or more. Below the first that the node keeps it is refused (Compacted);
    /// above its commit index the answer is empty.
    /// </summary>
    public LogIndex FromIndex { get; init; }

    /// <summary>
    /// Stop after about so many bytes of payload; at least one entry is returned when there is one. Default
    /// 256 KiB; 4 MiB at most, and more is taken for that.
    /// </summary>
    public int MaxBytes { get; init; } = 256 * 1024;

    /// <inheritdoc cref="ProposeEntries.Protocol"/>
    public int Protocol { get; init; }
}

/// <summary>Committed entries from the asked index on, as many as fit.</summary>
public sealed record EntriesRead
{
    /// <inheritdoc cref="ProposeEntries.Group"/>
    public string Group { get; init; } = "";

    /// <summary>Which log this is of; see <see cref="PeerMessage.LogId"/>.</summary>
    public string LogId { get; init; } = "";

    /// <summary>That of the <see cref="ReadEntries"/> that it answers.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>In order and without a gap; empty: the node knows of none committed from there on.</summary>
    public IReadOnlyList<LogEntry> Entries { get; init; } = [];

    /// <summary>
    /// Up to here the node knows the entries for committed; while the last entry is below, there are more to
    /// read.
    /// </summary>
    public LogIndex CommitIndex { get; init; }

    /// <summary>The form of the message, as <see cref="ProposeEntries.Protocol"/>.</summary>
    public int Protocol { get; init; }
}

/// <summary>
/// Asks any node for its newest snapshot of a group. Answer: <see cref="SnapshotRead"/>
/// or <see cref="ConsensusRefused"/>.
/// </summary>
public sealed record ReadSnapshot
{
    /// <inheritdoc cref="ProposeEntries.Group"/>
    public string Group { get; init; } = "";

    /// <summary>
    /// The log that the sender follows; a node of another one refuses with
    /// <see cref="ConsensusRefusal.OtherLog"/>. Empty: any.
    /// </summary>
    public string LogId { get; init; } = "";

    /// <inheritdoc cref="ReadEntries.RequestId"/>
    public string RequestId { get; init; } = "";

    /// <inheritdoc cref="ProposeEntries.Protocol"/>
    public int Protocol { get; init; }
}

/// <summary>The newest snapshot that the node has; another node's may be newer.</summary>
public sealed record SnapshotRead
{
    /// <inheritdoc cref="ProposeEntries.Group"/>
    public string Group { get; init; } = "";

    /// <summary>Which log this is of; see <see cref="PeerMessage.LogId"/>.</summary>
    public string LogId { get; init; } = "";

    /// <summary>That of the <see cref="ReadSnapshot"/> that it answers.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>Null when the group was never compacted: read from index 1.</summary>
    public GroupSnapshot? Snapshot { get; init; }

    /// <summary>The form of the message, as <see cref="ProposeEntries.Protocol"/>.</summary>
    public int Protocol { get; init; }
}

/// <summary>
/// Gives every node a machine's state, so that each can cut its log. Ignored when older than the one
/// it has or above its commit index.
/// </summary>
public sealed record StoreSnapshot
{
    /// <inheritdoc cref="ProposeEntries.Group"/>
    public string Group { get; init; } = "";

    /// <summary>
    /// The log that the machine follows. Must be set: another log's state would be taken for this one's.
    /// </summary>
    public string LogId { get; init; } = "";

    /// <summary>The last entry that is in the state.</summary>
    public LogIndex Index { get; init; }

    /// <summary>
    /// The state; <see cref="LogEntry.LargestPayloadBytes"/> at most, else refused (Invalid).
    /// </summary>
    public byte[] Payload { get; init; } = [];

    /// <inheritdoc cref="ProposeEntries.Protocol"/>
    public int Protocol { get; init; }
}
