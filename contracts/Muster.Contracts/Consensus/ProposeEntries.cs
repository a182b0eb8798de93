using System.Text.Json.Serialization;

namespace Muster.Contracts.Consensus;

/// <summary>
/// Appends payloads to a group's log, one entry each, in order. Sent to the leader's
/// inbox, or to any node's endpoint.
/// </summary>
public sealed record ProposeEntries
{
    /// <summary>Of more <see cref="TraceParents"/> those beyond are not looked at.</summary>
    public const int MaxTraceParents = 128;

    /// <summary>
    /// The group's name: one of <c>Consensus:Groups</c>, by default <c>lock</c> (<c>lock-1</c> and so on),
    /// <c>registry</c>, <c>detector</c>, <c>recovery</c> and <c>decisions</c>. A request about another one is
    /// refused (UnknownGroup).
    /// </summary>
    public string Group { get; init; } = "";

    /// <summary>
    /// The log that the sender follows; a node of another one refuses with
    /// <see cref="ConsensusRefusal.OtherLog"/>. Empty: any.
    /// </summary>
    public string LogId { get; init; } = "";

    /// <summary>Names this proposal in the answer. Consensus does not remember it: a resent proposal may be
    /// appended twice, and machines drop what they have seen by command id.</summary>
    public string ProposalId { get; init; } = "";

    /// <summary>
    /// One at least, each of 11 MiB at most by default, together as much as may be uncommitted (32 MiB by
    /// default), and the message of 16 MiB at most.
    /// </summary>
    public IReadOnlyList<byte[]> Payloads { get; init; } = [];

    /// <summary>When set, the leader answers <see cref="EntriesProposed"/> once the entries are committed.
    /// Replicas leave it unset: they see the commit itself. The public queue answers in any case.</summary>
    public bool WantsAnswer { get; init; }

    /// <summary>
    /// The spans of which the payloads are a part, as W3C's <c>traceparent</c> has them, each once: the
    /// proposal's way to its commit becomes a span of their trace, or links to them when they are of
    /// several. Not part of the payloads, and not in the log; at most <see cref="MaxTraceParents"/> count.
    /// Null: none.
    /// </summary>
    public IReadOnlyList<string>? TraceParents { get; init; }

    /// <summary>
    /// The form of the message, <see cref="ConsensusProtocol.Spoken"/> of its sender; 0 (default): the first.
    /// One that the node does not understand is refused with <see cref="ConsensusRefusal.OtherProtocol"/>.
    /// </summary>
    public int Protocol { get; init; }
}

/// <summary>The entries of a proposal are committed.</summary>
public sealed record EntriesProposed
{
    /// <inheritdoc cref="ProposeEntries.Group"/>
    public string Group { get; init; } = "";

    /// <summary>Which log this is of; see <see cref="PeerMessage.LogId"/>.</summary>
    public string LogId { get; init; } = "";

    /// <summary>That of the <see cref="ProposeEntries"/> that it answers.</summary>
    public string ProposalId { get; init; } = "";

    /// <summary>Where the first payload stands; the others follow it one by one.</summary>
    public LogIndex FirstIndex { get; init; }

    /// <summary>Where the last payload stands.</summary>
    public LogIndex LastIndex { get; init; }

    /// <summary>The term of the leader that appended them, and of the entries.</summary>
    public Term Term { get; init; }

    /// <summary>The form of the message, as <see cref="ProposeEntries.Protocol"/>.</summary>
    public int Protocol { get; init; }
}

/// <summary>Why a consensus node does not do what it was asked.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConsensusRefusal>))]
public enum ConsensusRefusal
{
    /// <summary>
    /// Another node leads (see the hint), or none that this one knows of; or this node takes no part yet: the
    /// cluster is forming, or it waits to be added.
    /// </summary>
    NotLeader,

    /// <summary>The node keeps no such group.</summary>
    UnknownGroup,

    /// <summary>
    /// Too much waits at the node: appended and not yet committed, reads, messages; or the leadership is
    /// being handed over. Try again later.
    /// </summary>
    Overloaded,

    /// <summary>The log is at its limit and no snapshot allows to cut it.</summary>
    LogFull,

    /// <summary>A payload is over the limit, or all of the proposal together.</summary>
    PayloadTooLarge,

    /// <summary>The asked entries are compacted; read the snapshot.</summary>
    Compacted,

    /// <summary>The request asks for what cannot be; the message says why.</summary>
    Invalid,

    /// <summary>The group's log belongs to a service; only its replicas propose to it.</summary>
    NotOpen,

    /// <summary>
    /// The request is about a log that this node does not keep: the cluster was bootstrapped anew.
    /// </summary>
    OtherLog,

    /// <summary>The leadership was not handed over: nobody could take it, or nobody did in time.</summary>
    NotTransferred,

    /// <summary>
    /// Another change of the members is under way, or the leader has not committed an entry of its own term
    /// yet; try again.
    /// </summary>
    MembersChanging,

    /// <summary>A learner lacks too many entries to become a voter now.</summary>
    NotCaughtUp,

    /// <summary>A majority of the voters after the change was not heard of just now.</summary>
    QuorumAtRisk,

    /// <summary>
    /// The request's <see cref="ProposeEntries.Protocol"/> is none that the node understands: sender and node
    /// are of builds too far apart.
    /// </summary>
    OtherProtocol,
}

/// <summary>The node refuses; nothing was appended or changed.</summary>
public sealed record ConsensusRefused
{
    /// <inheritdoc cref="ProposeEntries.Group"/>
    public string Group { get; init; } = "";

    /// <summary>
    /// The log that the node keeps; empty while its cluster is forming, and where a request was refused
    /// before it was looked at.
    /// </summary>
    public string LogId { get; init; } = "";

    /// <summary>The proposal id or request id of what is refused.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>
    /// Why. Of NotLeader, Overloaded, LogFull, MembersChanging, NotCaughtUp and QuorumAtRisk the same request
    /// may be done later.
    /// </summary>
    public ConsensusRefusal Reason { get; init; }

    /// <summary>One sentence for people, with the value and the limit.</summary>
    public string Message { get; init; } = "";

    /// <summary>The leader as far as the node knows.</summary>
    public NodeId LeaderHint { get; init; }

    /// <summary>The node's term of the group; zero where the group was not looked at.</summary>
    public Term Term { get; init; }
}
