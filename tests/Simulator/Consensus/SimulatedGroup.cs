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

    public GroupRunner Runner { get; private set; } = null!;

    public RaftCore Core => Runner.Core;

    public bool IsLeader => node.IsUp && Runner.IsLeader;

    public SimulatedDisk Disk { get; } = new();

    public SimulatedDisk Memory { get; private set; } = new();

    public HardState Start(Mutation mutation, ulong seed)
    {
        Memory = Disk.Copy();
        var restored = mutation.OnRestore(
            Disk.Restore(name, Id, node.Settings.Members, seed) with { DiskId = node.Settings.DiskId });
        Runner = new GroupRunner(name, new RaftCore(node.Settings.Raft, restored));
        Runner.Add(new OwnConnectionChanged(false));
        return restored.HardState;
    }
}
