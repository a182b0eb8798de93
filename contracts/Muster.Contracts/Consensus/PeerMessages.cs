namespace Muster.Contracts.Consensus;

/// <summary>
/// What every message between consensus nodes carries. The driver stamps everything but <see cref="To"/>,
/// <see cref="From"/>, <see cref="Term"/> and <see cref="RequestId"/>, and drops
/// what is of another cluster, log or disk.
/// </summary>
public abstract record PeerMessage
{
    /// <summary>
    /// The cluster's name, <c>Consensus:ClusterId</c>: 1 to 64 letters, digits, '-' and '_'. Nodes drop what
    /// names another one.
    /// </summary>
    public string ClusterId { get; init; } = "";

    /// <summary>The group that it is about; empty for what is about disks, and so about all groups.</summary>
    public string Group { get; init; } = "";

    /// <summary>The sender's name, <c>Consensus:Node</c>.</summary>
    public NodeId From { get; init; }

    /// <summary>The receiver's name; a node drops what is for another one.</summary>
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

    /// <summary>
    /// The sender's current term. A receiver of an older one follows into it, except for a pre-vote's.
    /// </summary>
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

    /// <summary>The sender's last entry, committed or not; zero: it has none.</summary>
    public LogIndex LastLogIndex { get; init; }

    /// <summary>
    /// That entry's term; zero: there is none. With its index it says whether the sender's log is as new as
    /// the receiver's (section 5.4.1).
    /// </summary>
    public Term LastLogTerm { get; init; }
}

/// <summary>The answer to <see cref="PreVote"/>. It binds nobody.</summary>
public sealed record PreVoteReply : PeerMessage
{
    /// <summary>The term that was asked about.</summary>
    public Term NextTerm { get; init; }

    /// <summary>
    /// The receiver would vote for the sender: the term is above its own, it hears no leader or the broker
    /// has closed the leader's connection, its disk is whole, and the sender's log is at least as new.
    /// </summary>
    public bool Granted { get; init; }
}

/// <summary>RequestVote of Raft's figure 2.</summary>
public sealed record RequestVote : PeerMessage
{
    /// <inheritdoc cref="PreVote.LastLogIndex"/>
    public LogIndex LastLogIndex { get; init; }

    /// <inheritdoc cref="PreVote.LastLogTerm"/>
    public Term LastLogTerm { get; init; }
}

/// <summary>The answer to <see cref="RequestVote"/>, sent after the vote is on disk.</summary>
public sealed record RequestVoteReply : PeerMessage
{
    /// <summary>
    /// The node voted for the sender in <see cref="PeerMessage.Term"/>, and votes for nobody else in it.
    /// </summary>
    public bool Granted { get; init; }
}

/// <summary>AppendEntries of Raft's figure 2; without entries a heartbeat.</summary>
public sealed record AppendEntries : PeerMessage
{
    /// <summary>
    /// The entry right before <see cref="Entries"/>: the follower takes them only when it has that one. Zero:
    /// they begin the log, or the leader keeps no entry that far back and only shows that it lives.
    /// </summary>
    public LogIndex PreviousIndex { get; init; }

    /// <summary>That entry's term; zero with index zero.</summary>
    public Term PreviousTerm { get; init; }

    /// <summary>
    /// In order, from <see cref="PreviousIndex"/> + 1 on: payloads of 256 KiB at most by default
    /// (<c>Consensus:Raft:MaxAppendBytes</c>), or one larger entry. Empty: a heartbeat.
    /// </summary>
    public IReadOnlyList<LogEntry> Entries { get; init; } = [];

    /// <summary>
    /// The leader's; the follower commits up to it, but not beyond what this request verified.
    /// </summary>
    public LogIndex CommitIndex { get; init; }

    /// <summary>
    /// The leader's log time now, in milliseconds: a follower that becomes leader
    /// goes on from the greatest it saw.
    /// </summary>
    public long LogTime { get; init; }
}

/// <summary>The answer to <see cref="AppendEntries"/>, sent after the entries are on disk.</summary>
public sealed record AppendEntriesReply : PeerMessage
{
    /// <summary>
    /// The follower's log is the leader's up to <see cref="MatchIndex"/>. False: it lacks the previous entry
    /// or has another one there, or knows a later term.
    /// </summary>
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
    /// <summary>A part's bytes at most: 256 KiB.</summary>
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

/// <summary>The answer to one part of a snapshot.</summary>
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

/// <summary>
/// Sent at bootstrap until each node knows every member's disk (no node votes before that); by each node
/// whose connection is there; and to ask a process, of whose disk another one was heard, whether it comes
/// after that one.
/// </summary>
public sealed record AnnounceDisk : PeerMessage
{
    /// <summary>The sender wants an announcement back: it may not know the receiver's disk yet.</summary>
    public bool WantsAnswer { get; init; }

    /// <summary>
    /// Set in a question: the receiver's process that is asked whether <see cref="EarlierStartId"/> is among
    /// the starts of its disk. It answers with an announcement if so; if not, it takes no part any more.
    /// Default: empty, no question.
    /// </summary>
    public string AskedStartId { get; init; } = "";

    /// <summary>
    /// In a question the process that the sender heard of the receiver's disk; in the answer the same, which
    /// ran from the sender's disk before it did. Default: empty.
    /// </summary>
    public string EarlierStartId { get; init; } = "";
}

/// <summary>
/// The receiver knows another disk under the sender's name, or another process of this disk, and will not
/// count it.
/// </summary>
public sealed record DiskRefused : PeerMessage
{
    /// <summary>The disk that counts under the receiver's name, as far as the sender knows.</summary>
    public string KnownDiskId { get; init; } = "";

    /// <summary>
    /// Set when the disk is the known one and another process runs from it, or from a later copy: that
    /// process.
    /// </summary>
    public string KnownStartId { get; init; } = "";

    /// <summary>
    /// Set with <see cref="KnownStartId"/>: the process that this is for, which takes no part any more.
    /// </summary>
    public string RefusedStartId { get; init; } = "";
}

/// <summary>A machine's state at an index, with what consensus needs to go on from there.</summary>
public sealed record GroupSnapshot
{
    /// <summary>The last entry that is in the state; the log goes on after it.</summary>
    public LogIndex Index { get; init; }

    /// <summary>That entry's term.</summary>
    public Term Term { get; init; }

    /// <summary>That entry's log time, in milliseconds.</summary>
    public long LogTime { get; init; }

    /// <summary>
    /// The state as the group's replicas wrote it; opaque to consensus; <see
    /// cref="LogEntry.LargestPayloadBytes"/> at most. In an <see cref="InstallSnapshot"/> a part of it.
    /// </summary>
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
