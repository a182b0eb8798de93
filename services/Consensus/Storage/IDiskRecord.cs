using Muster.Contracts;

namespace Muster.Consensus.Storage;

/// <summary>
/// What a node's disk says of itself, and of the others' disks. All that is stored is there after a crash.
/// </summary>
internal interface IDiskRecord
{
    /// <summary>Made with the folder's first file: an emptied disk comes back with another one.</summary>
    string DiskId { get; }

    /// <summary>Names this opening of the disk; greater, by ordinal comparison, than all before it.</summary>
    string StartId { get; }

    /// <inheritdoc cref="ConsensusStore.SupersededBy"/>
    string SupersededBy { get; }

    /// <summary>Names the logs on this disk; empty until every founder's disk is known.</summary>
    string LogId { get; }

    /// <summary>Made to be added to a cluster, not by its bootstrap.</summary>
    bool HasJoined { get; }

    /// <inheritdoc cref="ConsensusStore.ReadDisks"/>
    IReadOnlyDictionary<NodeId, string> ReadDisks();

    /// <inheritdoc cref="ConsensusStore.ReadFounders"/>
    IReadOnlyList<NodeId> ReadFounders();

    /// <inheritdoc cref="ConsensusStore.HasStarted"/>
    bool HasStarted(string startId);

    /// <inheritdoc cref="ConsensusStore.StoreSuperseded"/>
    void StoreSuperseded(string startId);

    /// <inheritdoc cref="ConsensusStore.StoreDisk"/>
    void StoreDisk(NodeId node, string diskId);

    /// <inheritdoc cref="ConsensusStore.AdoptLog"/>
    void AdoptLog(string logId);
}
