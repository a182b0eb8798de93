using Muster.Consensus.Core;
using Muster.Contracts;

namespace Muster.Simulator;

/// <summary>What a simulated consensus node is made with.</summary>
internal sealed record NodeSettings
{
    public const string Lock = "lock";
    public const string Registry = "registry";
    public const string Detector = "detector";
    public const string Recovery = "recovery";

    public const string ClusterId = "sim";

    public const string AllNodes = "consensus";

    /// <summary>All that there are; a run has those of its plan.</summary>
    public static readonly IReadOnlyList<string> Groups = [Lock, Registry, Detector, Recovery];

    public required NodeId Id { get; init; }

    /// <summary>All nodes that there may be: to whom it announces itself.</summary>
    public required IReadOnlyList<NodeId> Peers { get; init; }

    public required RaftOptions Raft { get; init; }

    /// <summary>A write takes up to so long; the loop waits for it.</summary>
    public long LongestWrite { get; set; } = Scheduler.Millisecond;

    public static string CommittedOf(string group) => "committed." + group;

    public static string AddressOf(NodeId node) => "consensus." + node.Value;
}
