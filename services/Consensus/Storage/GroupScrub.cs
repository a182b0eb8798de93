using Dapper;
using Microsoft.Data.Sqlite;
using Muster.Consensus.Core;

namespace Muster.Consensus.Storage;

/// <summary>
/// Goes through what is stored of a group while the node runs, a few rows at a time, and compares it with
/// what the node has in memory. A row that went bad is written anew: the memory is whole.
/// </summary>
internal sealed class GroupScrub(SqliteConnection connection, string group, RaftCore core)
{
    private const int RowsAtOnce = 256;

    private long _next;

    /// <summary>Looks at the next rows; what was bad and is written anew, in words.</summary>
    public IReadOnlyList<string> Step()
    {
        if (_next == 0) connection.Execute(Schema.ForgetPages);
        var bad = _next == 0 ? SnapshotIfBad() : [];
        _next = Math.Max(_next, core.FirstIndex.Value);
        var last = Math.Min(_next + RowsAtOnce - 1, core.LastIndex.Value);
        bad = [.. bad, .. EntriesIfBad(last)];
        _next = last >= core.LastIndex.Value ? 0 : last + 1;
        return bad;
    }

    private IReadOnlyList<string> SnapshotIfBad()
    {
        if (core.Snapshot is not { } snapshot) return [];
        var wanted = EntryRow.Of(group, snapshot);
        var stored = connection.QuerySingleOrDefault<EntryRow>(Schema.ReadSnapshot, new { group });
        if (IsSame(stored, wanted)) return [];
        connection.Execute(Schema.PutWholeSnapshot,
            new { group, wanted.LogIndex, wanted.Term, wanted.LogTime, wanted.Payload, wanted.Checksum });
        return [$"the snapshot at {wanted.LogIndex}"];
    }

    private List<string> EntriesIfBad(long last)
    {
        var bad = new List<string>();
        var stored = connection
            .Query<EntryRow>(Schema.ReadSomeEntries, new { group, from = _next, rows = RowsAtOnce })
            .ToDictionary(row => row.LogIndex);
        for (var index = _next; index <= last; index++)
        {
            var wanted = EntryRow.Of(group, core.Stored(new(index)));
            if (IsSame(stored.GetValueOrDefault(index), wanted)) continue;
            connection.Execute(Schema.PutEntry, new
            {
                group,
                wanted.LogIndex,
                wanted.Term,
                wanted.LogTime,
                wanted.Kind,
                wanted.Payload,
                wanted.Checksum,
            });
            bad.Add($"entry {index}");
        }
        return bad;
    }

    private bool IsSame(EntryRow? stored, EntryRow wanted) =>
        stored is not null && stored.Checksum == wanted.Checksum && stored.IsWhole(group);
}
