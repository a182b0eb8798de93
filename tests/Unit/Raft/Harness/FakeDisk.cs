using System.Text.Json;
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

    public LogDamage? Damage { get; set; }

    public string Id { get; init; } = "";

    public void Write(RaftOutput output)
    {
        if (output.IsRepaired) Damage = null;
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

    /// <summary>Whether a membership that may yet count has a node.</summary>
    public bool Names(NodeId node, IReadOnlyList<NodeId> bootstrap)
    {
        var entries = Entries.Where(entry => entry.Kind == EntryKind.Membership).Select(Membership);
        var isNamedAtFirst = Snapshot?.Membership is { } stored
            ? Has(stored, node)
            : bootstrap.Contains(node);
        return isNamedAtFirst || entries.Any(one => Has(one, node));
    }

    private static GroupMembership Membership(LogEntry entry) =>
        JsonSerializer.Deserialize(entry.Payload, ContractJson.Default.GroupMembership)!;

    private static bool Has(GroupMembership membership, NodeId node) =>
        membership.Members.Concat(membership.OutgoingVoters).Any(one => one.Node == node);

    public FakeDisk Copy() => new()
    {
        HardState = HardState,
        Snapshot = Snapshot,
        Entries = [.. Entries],
        Damage = Damage,
        Id = Id,
    };

    /// <summary>Loses the entries from an index on, as a store does that finds them damaged.</summary>
    public void LoseFrom(LogIndex index)
    {
        var last = Entries.Count == 0 ? Snapshot?.Index ?? LogIndex.Zero : Entries[^1].Index;
        // A loss that is not made good yet is not forgotten over the next one.
        Damage = new LogDamage(Damage?.LostUpTo > last ? Damage.LostUpTo : last, HardState.Term);
        Entries.RemoveAll(entry => entry.Index >= index);
        if (Entries is [.., var end] && end.Index < Snapshot?.Index) Entries.Clear();
    }

    public RestoredGroup Restore(NodeId self, IReadOnlyList<NodeId> members, ulong seed) => new()
    {
        Group = "g",
        Self = self,
        Members = members,
        DiskId = Id,
        HardState = HardState,
        Snapshot = Snapshot,
        Entries = [.. Entries],
        Damage = Damage,
        RandomSeed = seed,
    };
}
