using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Driver;

/// <summary>What wakes a node's loop.</summary>
internal abstract record NodeInput;

/// <summary>A message between nodes, not yet checked.</summary>
internal sealed record PeerArrived(PeerMessage Message) : NodeInput;

/// <summary>What came in one message from another node, for any of the groups; not yet checked.</summary>
internal sealed record BatchArrived(IReadOnlyList<PeerMessage> Messages) : NodeInput;

/// <summary>
/// A proposal, read or question. One that <see cref="MayForward"/> goes on to the leader when this node is
/// none.
/// </summary>
internal sealed record RequestArrived(ReplyAddress From, string Group, object Request, bool MayForward)
    : NodeInput;

/// <summary>The process stops: every group that this node leads goes to another node first.</summary>
internal sealed record LeaveRequested : NodeInput;

/// <summary>Something about connections, for every group.</summary>
internal sealed record ConnectionNews(RaftInput Input) : NodeInput;
