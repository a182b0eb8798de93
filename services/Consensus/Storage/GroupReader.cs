using Dapper;
using Microsoft.Data.Sqlite;
using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Storage;

/// <summary>
/// Reads a group back at start and checks every row. What does not bear its checksum, and all after it, is
/// dropped, and the loss is written down before anybody may count on what is left.
/// </summary>
internal sealed class GroupReader(SqliteConnection connection, DataFolder folder, string group)
{
    /// <exception cref="StartRefusedException">The term and vote are damaged.</exception>
    public RestoredGroup Read(NodeId self, IReadOnlyList<NodeId> members, ulong randomSeed)
    {
        var state = ReadHardState();
        var snapshot = ReadRow(Schema.ReadSnapshot);
        var isWhole = snapshot is null || snapshot.IsWhole(group);
        var start = isWhole ? snapshot?.LogIndex ?? 0 : 0;
        var entries = isWhole ? ReadEntries(start) : [];
        var kept = entries is [.., var last] ? last.Index.Value : start;
        var (written, isSure) = LastWritten();
        if (!isWhole || !isSure || written > kept) Drop(kept, !isWhole, Math.Max(written, kept), state.Term);
        return new RestoredGroup
        {
            Group = group,
            Self = self,
            Members = members,
            HardState = state,
            Snapshot = isWhole && snapshot is not null ? ToSnapshot(snapshot) : null,
            Entries = entries,
            Damage = ReadDamage(),
            RandomSeed = randomSeed,
        };
    }

    private HardState ReadHardState()
    {
        var row = connection.QuerySingleOrDefault<HardStateRow>(Schema.ReadHardState, new { group });
        if (row is null) return new(Term.Zero, NodeId.None);
        if (row.IsWhole(group)) return new(new(row.Term), new(row.Vote));
        throw new StartRefusedException(
            $"The term and vote of group '{group}' in {folder.DatabaseFile} are damaged: this node does not "
            + "know for whom it voted, and must not take part. Bring back the very folder that it wrote "
            + "last.");
    }

    private EntryRow? ReadRow(string sql) => connection.QuerySingleOrDefault<EntryRow>(sql, new { group });

    /// <summary>
    /// As long as nothing is missing and nothing is damaged; what lies before the snapshot's index may be,
    /// since nobody needs it.
    /// </summary>
    private List<LogEntry> ReadEntries(long snapshotIndex)
    {
        var entries = new List<LogEntry>();
        foreach (var row in connection.Query<EntryRow>(Schema.ReadEntries, new { group }, buffered: false))
        {
            var follows = entries is [.., var last] && row.LogIndex == last.Index.Value + 1;
            var isWhole = row.IsWhole(group);
            if (!follows || !isWhole)
            {
                if (row.LogIndex > (isWhole ? snapshotIndex + 1 : snapshotIndex)) break;
                entries.Clear();
            }
            if (isWhole) entries.Add(ToEntry(row));
        }
        return entries is [.., var end] && end.Index.Value < snapshotIndex ? [] : entries;
    }

    /// <summary>The last index that was ever written and not taken back, and whether that is sure.</summary>
    private (long Index, bool IsSure) LastWritten()
    {
        var last = connection.ExecuteScalar<long?>(Schema.ReadLastIndex, new { group }) ?? 0;
        var tail = connection.QuerySingleOrDefault<TailRow>(Schema.ReadTail, new { group });
        if (tail is null) return (last, last == 0);
        return tail.IsWhole(group) ? (tail.LastIndex, true) : (last, false);
    }

    private void Drop(long kept, bool dropsSnapshot, long lostUpTo, Term term)
    {
        using var transaction = connection.BeginTransaction();
        if (dropsSnapshot) connection.Execute(Schema.DropSnapshot, new { group }, transaction);
        connection.Execute(Schema.DropEntries, new { group, last = kept }, transaction);
        var known = connection.QuerySingleOrDefault<RepairRow>(
            Schema.ReadRepair, new { group }, transaction);
        var row = new
        {
            group,
            lostUpTo = Math.Max(lostUpTo, known?.LostUpTo ?? 0),
            term = Math.Max(term.Value, known?.Term ?? 0),
        };
        connection.Execute(Schema.PutRepair, row, transaction);
        var tail = new { a = group, b = kept, c = Checksum.Of(group, [kept]) };
        connection.Execute(Schema.PutTail, tail, transaction);
        transaction.Commit();
    }

    private LogDamage? ReadDamage()
    {
        var row = connection.QuerySingleOrDefault<RepairRow>(Schema.ReadRepair, new { group });
        return row is null ? null : new(new(row.LostUpTo), new(row.Term));
    }

    private static GroupSnapshot ToSnapshot(EntryRow row) => new()
    {
        Index = new(row.LogIndex),
        Term = new(row.Term),
        LogTime = row.LogTime,
        Payload = row.Payload,
    };

    private static LogEntry ToEntry(EntryRow row) => new()
    {
        Index = new(row.LogIndex),
        Term = new(row.Term),
        LogTime = row.LogTime,
        Kind = (EntryKind)row.Kind,
        Payload = row.Payload,
    };
}
