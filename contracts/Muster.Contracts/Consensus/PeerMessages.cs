namespace Muster.Contracts.Consensus;

/// <summary>
/// What every message between consensus nodes carries. The driver stamps everything but <see cref="To"/>,
/// <see cref="From"/>, <see cref="Term"/> and <see cref="RequestId"/>, and drops
/// what is of another cluster, log or disk.
/// </summary>
public abstract record PeerMessage
{
    public string ClusterId { get; init; } = "";

    public string Group { get; init; } = "";

    public NodeId From { get; init; }

    public NodeId To { get; init; }

    /// <summary>
    /// The sender's disk: an empty disk is a new one, and the peers refuse it until it is added again.
    /// </summary>
    public string DiskId { get; init; } = "";

    /// <summary>
    /// Names the logs of one bootstrap: 12 hexadecimal digits of the time at which its last disk was made,
    /// '-', 16 digits of a hash over all members' disks. The same on all nodes and for ever; a cluster that
    /// is wiped and bootstrapped anew has another one, which is greater by ordinal comparison. Empty until
    /// the sender knows every member's disk.
    /// </summary>
    public string LogId { get; init; } = "";

    /// <summary>
    /// The sender's process: 8 hexadecimal digits that count the starts from its disk, '-', 8 at random. Of
    /// two processes that run from one disk, or a copy of it, only one is heard.
    /// </summary>
    public string StartId { get; init; } = "";

    /// <summary>
    /// The form of what nodes say to each other. A node of another form, older or newer, is not understood.
    /// </summary>
    public int Protocol { get; init; }

    /// <summary>The sender's connection, new at each (re)connect; broker hints name it.</summary>
    public string Incarnation { get; init; } = "";

    public Term Term { get; init; }

    /// <summary>
    /// Chosen by the requester, repeated in the answer; grows with every request of one sender.
    /// </summary>
    public long RequestId { get; init; }
}

/// <summary>Would you vote for me? Changes nothing at either side (dissertation, section 9.6).</summary>
public sealed record PreVote : PeerMessage
{
    /// <summary>
    /// The term the sender would stand in; <see cref="PeerMessage.Term"/> is its current one.
    /// </summary>
    public Term NextTerm { get; init; }

    public LogIndex LastLogIndex { get; init; }

    public Term LastLogTerm { get; init; }
}

public sealed record PreVoteReply : PeerMessage
{
    public Term NextTerm { get; init; }

    public bool Granted { get; init; }
}

/// <summary>RequestVote of Raft's figure 2.</summary>
public sealed record RequestVote : PeerMessage
{
    public LogIndex LastLogIndex { get; init; }

    public Term LastLogTerm { get; init; }
}

public sealed record RequestVoteReply : PeerMessage
{
    public bool Granted { get; init; }
}

/// <summary>AppendEntries of Raft's figure 2; without entries a heartbeat.</summary>
public sealed record AppendEntries : PeerMessage
{
    public LogIndex PreviousIndex { get; init; }

    public Term PreviousTerm { get; init; }

    public IReadOnlyList<LogEntry> Entries { get; init; } = [];

    public LogIndex CommitIndex { get; init; }

    /// <summary>
    /// The leader's log time now, in milliseconds: a follower that becomes leader
    /// goes on from the greatest it saw.
    /// </summary>
    public long LogTime { get; init; }
}

public sealed record AppendEntriesReply : PeerMessage
{
    public bool Success { get; init; }

    /// <summary>
    /// On success, the last index that this request verified; on refusal, the previous index that it refuses.
    /// </summary>
    public LogIndex MatchIndex { get; init; }

    /// <summary>
    /// On refusal: the follower's term at the previous index (zero when its log is shorter).
    /// </summary>
    public Term ConflictTerm { get; init; }

    /// <summary>On refusal: the first index of that term, or the index after the follower's last.</summary>
    public LogIndex ConflictIndex { get; init; }

    /// <summary>
    /// The follower neither votes nor stands: it is about to stop, or its disk is being repaired.
    /// </summary>
    public bool Abstains { get; init; }
}

/// <summary>
/// A part of a snapshot for a follower whose next entry is compacted (figure 13); parts are of
/// <see cref="LargestDataBytes"/> at most and follow each other without waiting.
/// </summary>
public sealed record InstallSnapshot : PeerMessage
{
    public const int LargestDataBytes = 256 * 1024;

    /// <summary>The snapshot, with the part's bytes as its payload.</summary>
    public GroupSnapshot Snapshot { get; init; } = new();

    /// <summary>Where the part begins, in bytes.</summary>
    public int Offset { get; init; }

    /// <summary>The bytes of the whole snapshot.</summary>
    public int TotalBytes { get; init; }

    /// <summary>As in <see cref="AppendEntries.LogTime"/>.</summary>
    public long LogTime { get; init; }
}

public sealed record InstallSnapshotReply : PeerMessage
{
    /// <summary>The follower's log is the leader's up to here; zero until the last part is there.</summary>
    public LogIndex MatchIndex { get; init; }

    /// <summary>Which snapshot this is about.</summary>
    public LogIndex SnapshotIndex { get; init; }

    /// <summary>So many bytes of it are there without a gap.</summary>
    public int ReceivedBytes { get; init; }
}

/// <summary>
/// The leader's word to a follower whose log is as long as its own: stand for election at once, without a
/// pre-vote. It has no answer; the leader repeats it with its heartbeats.
/// </summary>
public sealed record TimeoutNow : PeerMessage;

/// <summary>Sent at bootstrap until each node knows every member's disk; no node votes before that.</summary>
public sealed record AnnounceDisk : PeerMessage
{
    /// <summary>The sender does not yet know the receiver's disk and wants an announcement back.</summary>
    public bool WantsAnswer { get; init; }
}

/// <summary>
/// The receiver knows another disk under the sender's name, or another process of this disk, and will not
/// count it.
/// </summary>
public sealed record DiskRefused : PeerMessage
{
    public string KnownDiskId { get; init; } = "";

    /// <summary>
    /// Set when the disk is the known one and another process runs from it, or from a later copy: that
    /// process.
    /// </summary>
    public string KnownStartId { get; init; } = "";
}

/// <summary>A machine's state at an index, with what consensus needs to go on from there.</summary>
public sealed record GroupSnapshot
{
    public LogIndex Index { get; init; }

    public Term Term { get; init; }

    public long LogTime { get; init; }

    public byte[] Payload { get; init; } = [];

    /// <summary>The members at the index; null: those of the bootstrap.</summary>
    public GroupMembership? Membership { get; init; }
}

/// <summary>
/// A node's word to itself: how long it takes is how long the broker takes. Without what messages to peers
/// carry; one of another process of the same name is dropped.
/// </summary>
public sealed record LoopBack
{
    /// <summary>The sender's process, as <see cref="PeerMessage.StartId"/>.</summary>
    public string StartId { get; init; } = "";

    /// <summary>When it was sent, by a clock of that process alone: microseconds.</summary>
    public long Number { get; init; }
}
