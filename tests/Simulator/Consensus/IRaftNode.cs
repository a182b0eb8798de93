using Muster.Consensus.Core;
using Muster.Contracts;

namespace Muster.Simulator;

/// <summary>
/// A real core with a simulated disk, in a random run or in a scenario: what checks and mutations see of it.
/// </summary>
internal interface IRaftNode
{
    NodeId Id { get; }

    /// <summary>Of two that go by one name, and of two disks of one node, which it is.</summary>
    string Place { get; }

    RaftCore Core { get; }

    bool IsLeader { get; }

    /// <summary>The log as the core has it: the disk and the write under way.</summary>
    SimulatedDisk Memory { get; }
}
