using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>What a step asks the driver to do, in the order of duty: persist, send, publish, reply.</summary>
public sealed record RaftOutput
{
    /// <summary>
    /// May be sent before anything of this step is on disk: the AppendEntries of a leader that does not count
    /// itself yet (dissertation, section 10.2.1).
    /// </summary>
    public IReadOnlyList<PeerMessage> Early { get; init; } = [];

    /// <summary>To be stored when set.</summary>
    public HardState? HardState { get; init; }

    /// <summary>Store this snapshot, and delete every entry before <see cref="FirstIndex"/>.</summary>
    public GroupSnapshot? Snapshot { get; init; }

    /// <summary>
    /// The first index the log keeps from now on; set together with <see cref="Snapshot"/>.
    /// </summary>
    public LogIndex FirstIndex { get; init; }

    /// <summary>Delete entries from here on (inclusive) before appending.</summary>
    public LogIndex? TruncateFrom { get; init; }

    /// <summary>
    /// To be stored; afterwards the driver feeds <see cref="EntriesPersisted"/> of the last one.
    /// </summary>
    public IReadOnlyList<LogEntry> Append { get; init; } = [];

    /// <summary>Whether anything of this step is to be stored.</summary>
    public bool HasWrites => HardState is not null || Snapshot is not null || TruncateFrom is not null
        || Append.Count > 0 || IsRepaired;

    /// <summary>To be sent once all of the above is on disk.</summary>
    public IReadOnlyList<PeerMessage> Messages { get; init; } = [];

    /// <summary>Entries that became committed in this step; a leader's driver publishes them.</summary>
    public IReadOnlyList<LogEntry> Committed { get; init; } = [];

    /// <summary>A leader's driver repeats the commit index to the replicas, even without entries.</summary>
    public bool AnnounceCommit { get; init; }

    /// <summary>This node became leader and committed an entry of its term.</summary>
    public LeaderElected? Elected { get; init; }

    /// <summary>New memberships that became committed on this leader, to be published.</summary>
    public IReadOnlyList<MembersChanged> MembersChanged { get; init; } = [];

    public IReadOnlyList<RaftReply> Replies { get; init; } = [];

    /// <summary>
    /// What the disk had lost is made good, and stored with this step: forget
    /// <see cref="RestoredGroup.Damage"/>.
    /// </summary>
    public bool IsRepaired { get; init; }

    /// <summary>Followers that this leader found to lack what they had acknowledged: for people.</summary>
    public IReadOnlyList<EntriesLost> Lost { get; init; } = [];
}

/// <summary>What must survive a crash before a message that rests on it leaves.</summary>
public sealed record HardState(Term Term, NodeId Vote);

/// <summary>An answer to a proposal or read: EntriesProposed, ReadIndexFound or ConsensusRefused.</summary>
public sealed record RaftReply(ReplyAddress To, object Message);

/// <summary>
/// A follower denied an entry at or before the last that it had acknowledged in this term. It is repaired
/// from the leader's log, and does not count for a commit until it has them again.
/// </summary>
public sealed record EntriesLost(NodeId Node, LogIndex Denied, LogIndex Acknowledged);

/// <summary>
/// The disk had entries up to an index, or may have had them, and has them no more.
/// </summary>
/// <param name="LostUpTo">The last index that the node may have acknowledged.</param>
/// <param name="Term">The node's term when the damage was found.</param>
public sealed record LogDamage(LogIndex LostUpTo, Term Term);

/// <summary>What a group starts from: nothing, or what the driver stored.</summary>
public sealed record RestoredGroup
{
    public required string Group { get; init; }

    public required NodeId Self { get; init; }

    /// <summary>
    /// The voters of the bootstrap; none on a node that joined later, which learns from the log.
    /// </summary>
    public required IReadOnlyList<NodeId> Members { get; init; }

    /// <summary>
    /// This node's disk: a membership that names another one under its name is not about this node. Empty
    /// where disks are not told apart.
    /// </summary>
    public string DiskId { get; init; } = "";

    public HardState HardState { get; init; } = new(Term.Zero, NodeId.None);

    public GroupSnapshot? Snapshot { get; init; }

    /// <summary>The stored entries, in order, without gaps; may begin before the snapshot's index.</summary>
    public IReadOnlyList<LogEntry> Entries { get; init; } = [];

    /// <summary>Set until the node has got back from its peers what its disk lost.</summary>
    public LogDamage? Damage { get; init; }

    /// <summary>The last index that is left.</summary>
    public LogIndex LastIndex => Entries is [.., var last] ? last.Index : Snapshot?.Index ?? LogIndex.Zero;

    /// <summary>Seeds the election timeouts; different on each node and start.</summary>
    public ulong RandomSeed { get; init; }

    /// <summary>
    /// The number before this start's first request; each start chooses it by chance, below 2^48. Another
    /// process that runs under this node's name, from a copy of its folder, reads the same answers: to it
    /// they answer nothing.
    /// </summary>
    public long RequestsAfter { get; init; }
}
