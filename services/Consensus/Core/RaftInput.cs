using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>
/// What can happen to a group on a node. Time is an input too: a step without inputs is a tick.
/// </summary>
public abstract record RaftInput;

/// <summary>
/// A message from a peer that the driver has accepted: cluster, group and disk are right, its numbers are
/// within bounds, and its entries follow each other.
/// </summary>
public sealed record PeerReceived(PeerMessage Message) : RaftInput;

/// <summary>Somebody proposes entries.</summary>
public sealed record ProposalReceived(ReplyAddress From, ProposeEntries Proposal) : RaftInput;

/// <summary>Somebody wants a read index.</summary>
public sealed record ReadIndexReceived(ReplyAddress From, ReadIndex Request) : RaftInput;

/// <summary>Somebody wants another node to lead.</summary>
public sealed record TransferReceived(ReplyAddress From, TransferLeadership Request) : RaftInput;

/// <summary>Somebody changes the members.</summary>
/// <param name="Newcomers">The disks of the nodes that have announced themselves.</param>
/// <param name="BootstrapDisks">Those of the bootstrap's members, which no entry names.</param>
public sealed record ChangeReceived(
    ReplyAddress From, ChangeMembers Request, IReadOnlyDictionary<NodeId, string> Newcomers,
    IReadOnlyDictionary<NodeId, string> BootstrapDisks) : RaftInput;

/// <summary>
/// This node is about to stop: it hands its leadership over, and stands for no election any more.
/// </summary>
public sealed record LeaveReceived : RaftInput;

/// <summary>A replica's snapshot, to cut the log with.</summary>
public sealed record SnapshotOffered(StoreSnapshot Snapshot) : RaftInput;

/// <summary>
/// The output's entries up to this one are on disk (and were not truncated since): the node may count itself.
/// </summary>
public sealed record EntriesPersisted(LogIndex Index, Term Term) : RaftInput;

/// <summary>The broker says that this connection of a node is gone.</summary>
public sealed record ConnectionLost(string Incarnation) : RaftInput;

/// <summary>This node's own connection came (back) up, or went down.</summary>
public sealed record OwnConnectionChanged(bool IsUp) : RaftInput;
