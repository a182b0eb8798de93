using Muster.Contracts;

namespace Muster.Replication.Core;

/// <summary>What a replica knows of itself and its group, for health and status.</summary>
public sealed record ReplicaView
{
    /// <summary>The log that is followed; empty until a node named one.</summary>
    public string LogId { get; init; } = "";

    /// <summary>Another log whose leader was heard last and is not followed, being older.</summary>
    public string IgnoredLogId { get; init; } = "";

    /// <summary>
    /// Which form of messages a consensus node and this replica do not have in common, as met within the last
    /// minute; empty: none was.
    /// </summary>
    public string ProtocolProblem { get; init; } = "";

    public NodeId Leader { get; init; }

    /// <summary>It has not been heard for seconds, nor has anybody else who leads.</summary>
    public bool IsLeaderSilent { get; init; }

    public Term Term { get; init; }

    /// <summary>The longest election time-out of all nodes that told theirs; 0: none has.</summary>
    public long ElectionMaxMilliseconds { get; init; }

    public LogIndex AppliedIndex { get; init; }

    public LogIndex CommitIndex { get; init; }

    /// <summary>The version that the machine runs at.</summary>
    public int MachineVersion { get; init; }

    /// <summary>
    /// At which entry the replica waits for an operator, why, and what would refuse it; empty while it works.
    /// </summary>
    public string Halt { get; init; } = "";

    /// <summary>That entry; zero while it works.</summary>
    public LogIndex HaltedAt { get; init; }

    /// <summary>The last entry that was passed over because an operator refused it.</summary>
    public LogIndex RefusedIndex { get; init; }

    /// <summary>The last snapshot that left although no other replica had told the same digest.</summary>
    public LogIndex UnconfirmedSnapshot { get; init; }

    public int WaitingCommands { get; init; }

    public int InflightProposals { get; init; }

    public int OpenReads { get; init; }

    /// <summary>Why the log is not cut; empty when all is well. The machine works all the same.</summary>
    public string SnapshotProblem { get; init; } = "";
}
