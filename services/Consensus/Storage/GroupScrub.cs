using Dapper;
using Microsoft.Data.Sqlite;
using Muster.Consensus.Core;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Storage;

/// <summary>
/// Goes through what is stored of a group while the node runs, a few rows at a time, and compares it with
/// what the node has in memory; at the beginning of each pass what the next start rests on. A row that went
/// bad is written anew: the memory is whole.
/// </summary>
internal sealed class GroupScrub(
    SqliteConnection connection, string group, RaftCore core, GroupTables tables, Action<Action> use)
{
    private const int RowsAtOnce = 256;

    /// <summary>A row more than that, which may be one of some MiB.</summary>
    private const long BytesAtOnce = 1024 * 1024;

    private long _next;

    /// <summary>All rows have been looked at; the next step begins anew.</summary>
    public bool IsThrough => _next == 0;

    /// <summary>
    /// Looks at the next rows; what was bad and is written anew, in words. All of it is one transaction: a
    /// disk that goes bad is slow, and the loop has other work.
    /// </summary>
    /// <exception cref="DiskFailedException">It is full, or answered with an error.</exception>
    public IReadOnlyList<string> Step()
    {
        IReadOnlyList<string> bad = [];
        use(() => bad = LookAtNext());
        return bad;
    }

    private List<string> LookAtNext()
    {
        var bad = new List<string>();
        var isNewPass = IsThrough;
        if (isNewPass) connection.Execute(Schema.ForgetPages);
        if (isNewPass) bad.AddRange(MendMarks());
        var snapshot = isNewPass ? SnapshotIfBad() : null;
        var from = Math.Max(_next, core.FirstIndex.Value);
        var (entries, isDisordered) = FindBadEntries(from);
        if (_next > core.LastIndex.Value) _next = 0;
        if (snapshot is null && entries.Count == 0) return bad;

        using var transaction = connection.BeginTransaction();
        if (snapshot is not null)
        {
            connection.Execute(Schema.PutWholeSnapshot, snapshot.Values(group), transaction);
            bad.Add($"the snapshot at {snapshot.LogIndex}");
        }
        if (isDisordered)
        {
            var last = entries[^1].Index.Value;
            connection.Execute(Schema.DeleteRange, new { group, from, last }, transaction);
        }
        foreach (var entry in entries)
        {
            connection.Execute(Schema.PutEntry, EntryRow.Of(group, entry).Values(group), transaction);
            bad.Add($"entry {entry.Index}");
        }
        transaction.Commit();
        return bad;
    }

    /// <summary>
    /// The small rows that a start rests on: term and vote, how far the log goes, and what is to be repaired.
    /// They may not be written for months.
    /// </summary>
    private IEnumerable<string> MendMarks()
    {
        var (term, vote) = (core.Term.Value, core.Vote.Value ?? "");
        var state = connection.ReadOne(Schema.ReadHardState, group, HardStateRow.Read);
        var wanted = new HardStateRow(term, vote, HardStateRow.ChecksumOf(group, term, vote));
        if (state != wanted && (state is not null || term > 0))
        {
            connection.Execute(
                Schema.PutHardState, new { a = group, b = term, c = vote, d = wanted.Checksum });
            yield return "term and vote";
        }
        var end = tables.TailOf(group).Value;
        var tail = new TailRow(end, Checksum.Of(group, [end]));
        var storedTail = connection.ReadOne(Schema.ReadTail, group, TailRow.Read);
        if (storedTail != tail && (storedTail is not null || end > 0))
        {
            connection.Execute(Schema.PutTail, new { a = group, b = end, c = tail.Checksum });
            yield return $"the end of the log at {end}";
        }
        if (core.Damage is not { } damage) yield break;
        var (lostUpTo, lostTerm) = (damage.LostUpTo.Value, damage.Term.Value);
        var repair = new RepairRow(lostUpTo, lostTerm, Checksum.Of(group, [lostUpTo, lostTerm]));
        if (connection.ReadOne(Schema.ReadRepair, group, RepairRow.Read) == repair) yield break;
        connection.Execute(
            Schema.PutRepair, new { group, lostUpTo, term = lostTerm, checksum = repair.Checksum });
        yield return "what is to be repaired";
    }

    private EntryRow? SnapshotIfBad()
    {
        if (core.Snapshot is not { } snapshot) return null;
        var wanted = EntryRow.Of(group, snapshot);
        var stored = connection.ReadEntries(Schema.ReadSnapshot, new { group }).FirstOrDefault();
        return stored is not null && IsSame(stored, wanted) ? null : wanted;
    }

    /// <summary>
    /// From an index on; what is missing is bad too. Where a key went bad, the rows are not in their order,
    /// and all of the range counts as bad.
    /// </summary>
    private (IReadOnlyList<LogEntry> Bad, bool IsDisordered) FindBadEntries(long from)
    {
        var bad = new List<LogEntry>();
        var (last, bytes) = (Math.Min(from + RowsAtOnce - 1, core.LastIndex.Value), 0L);
        _next = from;
        var rows = connection.ReadEntries(Schema.ReadSomeEntries, new { group, from, last });
        foreach (var row in rows)
        {
            if (row.LogIndex < _next || row.LogIndex > last)
            {
                _next = last + 1;
                return ([.. Range(from, last)], true);
            }
            bad.AddRange(Range(_next, row.LogIndex - 1));
            var entry = core.Stored(new(row.LogIndex));
            if (!IsSame(row, EntryRow.Of(group, entry))) bad.Add(entry);
            _next = row.LogIndex + 1;
            bytes += row.Payload.Length;
            if (bytes > BytesAtOnce) return (bad, false);
        }
        bad.AddRange(Range(_next, last));
        _next = last + 1;
        return (bad, false);
    }

    private IEnumerable<LogEntry> Range(long from, long last)
    {
        for (var index = from; index <= last; index++) yield return core.Stored(new(index));
    }

    private bool IsSame(EntryRow stored, EntryRow wanted) =>
        stored.Checksum == wanted.Checksum && stored.IsWhole(group);
}
