using Microsoft.Extensions.Logging;
using Muster.Consensus.Core;
using Muster.Consensus.Reporting;
using Muster.Consensus.Storage;
using Muster.Contracts;

namespace Muster.Consensus.Driver;

/// <summary>Who a node is among the others, and where it tells what it heard.</summary>
internal record MemberSetup
{
    public required DiskIdentity Identity { get; init; }

    public required RaftOptions Raft { get; init; }

    public required ILogger Logger { get; init; }

    public required DropLog Drops { get; init; }

    public NodeId Node => Identity.Node;
}

/// <summary>What all parts of one node are made with.</summary>
internal sealed record NodeSetup : MemberSetup
{
    public required TimeProvider Time { get; init; }

    /// <summary>
    /// Called once, on the loop's thread, after a failed commit or step; the node does nothing more.
    /// </summary>
    public required Action<Exception> OnFatal { get; init; }

    public required StartWatch Start { get; init; }

    /// <summary>From the end of a look through the disk to the next.</summary>
    public required TimeSpan ScrubInterval { get; init; }
}
