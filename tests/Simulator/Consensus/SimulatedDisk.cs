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

    public LogDamage? Damage { get; private set; }

    /// <summary>Its term and vote cannot be read: no node starts from it again.</summary>
    public bool HasLostVote { get; private set; }

    /// <summary>In the order in which a store writes a step's output.</summary>
    public void Write(RaftOutput output)
    {
        HardState = output.HardState ?? HardState;
        Damage = output.IsRepaired ? null : Damage;
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
        var copy = new SimulatedDisk { HardState = HardState, Snapshot = Snapshot, Damage = Damage };
        copy._entries.AddRange(_entries);
        return copy;
    }

    public RestoredGroup Restore(
        string group, NodeId self, IReadOnlyList<NodeId> members, ulong seed) => new()
        {
            Group = group,
            Self = self,
            Members = members,
            HardState = HardState,
            Snapshot = Snapshot,
            Entries = [.. _entries],
            Damage = Damage,
            RandomSeed = seed,
        };

    /// <summary>
    /// A stored row is found damaged at the next start. Of the log: it and all after it are gone, and the
    /// snapshot if it is the row. Of what says how far the log went, or what is to be repaired: nothing is
    /// gone, and anything may be. Of the term and vote: the node stays away.
    /// </summary>
    public Happening? Lose(Chance chance)
    {
        if (_entries.Count == 0 && Snapshot is null)
        {
            return null;
        }
        switch (chance.Below(20))
        {
            case < 3:
                HasLostVote = true;
                return Happening.VoteDamage;
            case < 8:
                Damage = new LogDamage(new(long.MaxValue), HardState.Term);
                return Happening.TailDamage;
        }
        var losesSnapshot = Snapshot is not null && chance.OfThousand(200);
        var keep = losesSnapshot ? 0 : (int)chance.Below(_entries.Count + 1);
        Lose(keep, losesSnapshot);
        return Happening.Damage;
    }

    /// <summary>All after this index is gone, a newer snapshot too, and nothing says so.</summary>
    public void ForgetAfter(LogIndex index)
    {
        if (Snapshot?.Index > index)
        {
            Snapshot = null;
            _entries.Clear();
        }
        Write(new RaftOutput { TruncateFrom = index.Next() });
    }

    /// <summary>The entry of this index is found damaged at the next start.</summary>
    public void LoseFrom(LogIndex index) => Lose(CountBefore(index), losesSnapshot: false);

    private void Lose(int keep, bool losesSnapshot)
    {
        var last = _entries.Count > 0 ? _entries[^1].Index : Snapshot?.Index ?? LogIndex.Zero;
        var snapshotIndex = losesSnapshot ? LogIndex.Zero : Snapshot?.Index ?? LogIndex.Zero;
        _entries.RemoveRange(keep, _entries.Count - keep);
        if (_entries.Count > 0 && _entries[^1].Index < snapshotIndex) _entries.Clear();
        if (losesSnapshot) Snapshot = null;
        Damage = new LogDamage(last > Damage?.LostUpTo ? last : Damage?.LostUpTo ?? last, HardState.Term);
    }

    private int CountBefore(LogIndex index)
    {
        var before = _entries.Count == 0 ? 0 : index - _entries[0].Index;
        return (int)Math.Clamp(before, 0, _entries.Count);
    }
}
