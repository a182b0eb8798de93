using Muster.Replication.Core;

namespace Muster.Replication;

/// <summary>A replica's state after its last step.</summary>
public sealed record ReplicaStatus
{
    public required string Group { get; init; }

    public required string Origin { get; init; }

    public ReplicaView View { get; init; } = new();

    /// <summary>The machine follows the log; commands wait until it does.</summary>
    public bool IsCaughtUp { get; init; }

    /// <summary>The group's first entry is applied; until then every command is refused.</summary>
    public bool IsInitialized { get; init; }

    /// <summary>Why the replica stopped for good, with the index; null while it runs.</summary>
    public string? Fault { get; init; }

    public bool IsLeaderKnown => !View.Leader.IsNone;

    public bool IsHealthy =>
        Fault is null && View.Halt.Length == 0 && IsCaughtUp && IsInitialized && IsLeaderKnown
        && !View.IsLeaderSilent;
}
