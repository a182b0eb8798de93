namespace Muster.Cluster;

/// <summary>
/// What a cluster under test is made of beside three consensus nodes and two lock replicas, and what it
/// differs in from an ordinary one.
/// </summary>
public sealed record ClusterOptions
{
    /// <summary>Each process reaches the broker through a wire of its own that can be cut.</summary>
    public bool HasCuttableWires { get; init; }

    /// <summary>
    /// Every service is the broker user that compose/ gives it, and clients are applications. Needs a broker
    /// with those users, and the cluster name that their rights are for: <c>muster</c>.
    /// </summary>
    public bool HasOwnUsers { get; init; }

    /// <summary>Registry replicas. Default none.</summary>
    public int Registries { get; init; }

    /// <summary>Detectors. Default none.</summary>
    public int Detectors { get; init; }

    /// <summary>Recovery replicas, with one backup folder. Default none.</summary>
    public int Recoveries { get; init; }

    /// <summary>Over how many groups the lock service spreads its locks. Default 1.</summary>
    public int LockGroups { get; init; } = 1;

    /// <summary>Where registries and clients keep views: StackExchange.Redis' configuration string.</summary>
    public string? Redis { get; init; }

    /// <summary>
    /// Environment of the consensus processes, by its full name: <c>Consensus__Raft__TrailingEntries</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Consensus { get; init; } = new Dictionary<string, string>();

    /// <summary>Environment of the lock processes.</summary>
    public IReadOnlyDictionary<string, string> Lock { get; init; } = new Dictionary<string, string>();
}
