using System.Text.Json.Serialization;

namespace Muster.Contracts.Consensus;

/// <summary>
/// Appends payloads to a group's log, one entry each, in order. Sent to the leader's
/// inbox, or to any node's endpoint.
/// </summary>
public sealed record ProposeEntries
{
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
    /// Each of 11 MiB at most by default, together as much as may be uncommitted (32 MiB by default), and
    /// the message of 16 MiB at most.
    /// </summary>
    public IReadOnlyList<byte[]> Payloads { get; init; } = [];

    /// <summary>When set, the leader answers <see cref="EntriesProposed"/> once the entries are committed.
    /// Replicas leave it unset: they see the commit itself.</summary>
    public bool WantsAnswer { get; init; }
}

/// <summary>The entries of a proposal are committed.</summary>
public sealed record EntriesProposed
{
    public string Group { get; init; } = "";

    /// <summary>Which log this is of; see <see cref="PeerMessage.LogId"/>.</summary>
    public string LogId { get; init; } = "";

    public string ProposalId { get; init; } = "";

    public LogIndex FirstIndex { get; init; }

    public LogIndex LastIndex { get; init; }

    public Term Term { get; init; }
}

/// <summary>Why a consensus node does not do what it was asked.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConsensusRefusal>))]
public enum ConsensusRefusal
{
    /// <summary>Another node leads; see the hint.</summary>
    NotLeader,

    /// <summary>The node keeps no such group.</summary>
    UnknownGroup,

    /// <summary>Too much is appended and not yet committed; try again later.</summary>
    Overloaded,

    /// <summary>The log is at its limit and no snapshot allows to cut it.</summary>
    LogFull,

    /// <summary>A payload is over the limit.</summary>
    PayloadTooLarge,

    /// <summary>The asked entries are compacted; read the snapshot.</summary>
    Compacted,

    /// <summary>Malformed request.</summary>
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
}

/// <summary>The node refuses; nothing was appended or changed.</summary>
public sealed record ConsensusRefused
{
    public string Group { get; init; } = "";

    /// <summary>
    /// The log that the node keeps; empty while its cluster is forming, and where a request was refused
    /// before it was looked at.
    /// </summary>
    public string LogId { get; init; } = "";

    /// <summary>The proposal id or request id of what is refused.</summary>
    public string RequestId { get; init; } = "";

    public ConsensusRefusal Reason { get; init; }

    public string Message { get; init; } = "";

    /// <summary>The leader as far as the node knows.</summary>
    public NodeId LeaderHint { get; init; }

    public Term Term { get; init; }
}
