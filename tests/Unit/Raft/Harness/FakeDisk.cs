using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Shouldly;

namespace Muster.Unit.Tests.Raft.Harness;

/// <summary>
/// What a driver would have stored. Applies an output in the documented order, and checks that it can be.
/// </summary>
internal sealed class FakeDisk
{
    public HardState HardState { get; set; } = new(Term.Zero, NodeId.None);

    public GroupSnapshot? Snapshot { get; set; }

    public List<LogEntry> Entries { get; init; } = [];

    public void Write(RaftOutput output)
    {
        HardState = output.HardState ?? HardState;
        if (output.Snapshot is not null)
        {
            Snapshot = output.Snapshot;
            Entries.RemoveAll(entry => entry.Index < output.FirstIndex);
        }

        if (output.TruncateFrom is { } from) Entries.RemoveAll(entry => entry.Index >= from);
        foreach (var entry in output.Append)
        {
            if (Entries.Count > 0) entry.Index.ShouldBe(Entries[^1].Index.Next(), "a stored log has no gaps");
            Entries.Add(entry);
        }
    }

    public FakeDisk Copy() => new() { HardState = HardState, Snapshot = Snapshot, Entries = [.. Entries] };

    public RestoredGroup Restore(NodeId self, IReadOnlyList<NodeId> members, ulong seed) => new()
    {
        Group = "g",
        Self = self,
        Members = members,
        HardState = HardState,
        Snapshot = Snapshot,
        Entries = [.. Entries],
        RandomSeed = seed,
    };
}
