using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Simulator;

/// <summary>
/// What a node's store keeps. A step is one transaction: after a crash all of it is there or nothing, and
/// nothing of it is sure before the write is done.
/// </summary>
internal sealed class SimulatedDisk
{
    private readonly List<LogEntry> _entries = [];

    public HardState HardState { get; private set; } = new(Term.Zero, NodeId.None);

    public GroupSnapshot? Snapshot { get; private set; }

    public IReadOnlyList<LogEntry> Entries => _entries;

    public static bool HasWrites(RaftOutput output) =>
        output.HardState is not null || output.Snapshot is not null || output.TruncateFrom is not null
        || output.Append.Count > 0;

    /// <summary>In the order in which a store writes a step's output.</summary>
    public void Write(RaftOutput output)
    {
        HardState = output.HardState ?? HardState;
        if (output.Snapshot is { } snapshot)
        {
            Snapshot = snapshot;
            _entries.RemoveRange(0, CountBefore(output.FirstIndex));
        }
        if (output.TruncateFrom is { } from)
        {
            var kept = CountBefore(from);
            _entries.RemoveRange(kept, _entries.Count - kept);
        }
        foreach (var entry in output.Append)
        {
            if (_entries.Count > 0 && entry.Index != _entries[^1].Index.Next())
            {
                // The real store's primary key would take it, and the node could not start from it again.
                throw new SimulationFailure(
                    "durability", $"entry {entry.Index} is stored after {_entries[^1].Index}");
            }
            _entries.Add(entry);
        }
    }

    public SimulatedDisk Copy()
    {
        var copy = new SimulatedDisk { HardState = HardState, Snapshot = Snapshot };
        copy._entries.AddRange(_entries);
        return copy;
    }

    public RestoredGroup Restore(NodeId self, IReadOnlyList<NodeId> members, ulong seed) => new()
    {
        Group = NodeSettings.Group,
        Self = self,
        Members = members,
        HardState = HardState,
        Snapshot = Snapshot,
        Entries = [.. _entries],
        RandomSeed = seed,
    };

    private int CountBefore(LogIndex index)
    {
        var before = _entries.Count == 0 ? 0 : index - _entries[0].Index;
        return (int)Math.Clamp(before, 0, _entries.Count);
    }
}
