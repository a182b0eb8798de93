using Muster.Consensus.Core;
using Muster.Consensus.Driver;
using Muster.Contracts;

namespace Muster.Simulator;

/// <summary>
/// One group on a node: its real core, and its tables in the node's one file. What all groups of a node write
/// in a turn is one transaction.
/// </summary>
internal sealed class SimulatedGroup(ConsensusProcess node, string name) : IRaftNode
{
    public string Name => name;

    public NodeId Id => node.Id;

    public string Place { get; private set; } = "";

    public GroupRunner Runner { get; private set; } = null!;

    public RaftCore Core => Runner.Core;

    public bool IsLeader => node.IsUp && Runner.IsLeader;

    public SimulatedDisk Disk { get; set; } = new();

    public SimulatedDisk Memory { get; private set; } = new();

    public HardState Start(Mutation mutation, ulong seed)
    {
        Place = $"{node.Name} on {node.Folder.DiskId}";
        Memory = Disk.Copy();
        var restored = mutation.OnRestore(
            Disk.Restore(name, Id, node.Folder.ReadFounders(), seed) with
            {
                DiskId = node.Folder.DiskId,
                RequestsAfter = (long)(seed >> 24),
            });
        Runner = new GroupRunner(name, new RaftCore(node.Settings.Raft, restored));
        return restored.HardState;
    }
}
