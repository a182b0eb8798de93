namespace Muster.Containers.Tests.Cluster;

/// <summary>What a cluster under test differs in from an ordinary one.</summary>
internal sealed record ClusterOptions
{
    /// <summary>Each process reaches the broker through a wire of its own that can be cut.</summary>
    public bool HasCuttableWires { get; init; }

    /// <summary>
    /// Environment of the consensus processes, by its full name: <c>Consensus__Raft__TrailingEntries</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Consensus { get; init; } = new Dictionary<string, string>();

    /// <summary>Environment of the lock processes.</summary>
    public IReadOnlyDictionary<string, string> Lock { get; init; } = new Dictionary<string, string>();
}
