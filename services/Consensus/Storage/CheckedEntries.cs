using Microsoft.Data.Sqlite;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Hosting;
using SQLitePCL;

namespace Muster.Consensus.Storage;

/// <summary>
/// The entries of a group in the order of their keys, each with whether it bears its checksum. A full log has
/// a million, and its node is missed until they are read, so they come straight from SQLite.
/// </summary>
internal static class CheckedEntries
{
    /// <remarks>
    /// A column may hold anything; SQLite makes a number, or bytes, of what is of another type, and that does
    /// not bear the checksum.
    /// </remarks>
    /// <exception cref="SqliteException">The file cannot be read.</exception>
    public static IEnumerable<(LogEntry Entry, bool IsWhole)> ReadEntriesChecked(
        this SqliteConnection connection, string group)
    {
        using var rows = new PreparedStatement(connection, Schema.ReadAllEntries);
        rows.Bind(group);
        while (rows.Next() is { } row)
        {
            var kind = raw.sqlite3_column_int64(row, 3);
            var entry = new LogEntry
            {
                Index = new(raw.sqlite3_column_int64(row, 0)),
                Term = new(raw.sqlite3_column_int64(row, 1)),
                LogTime = raw.sqlite3_column_int64(row, 2),
                Kind = (EntryKind)kind,
                Payload = raw.sqlite3_column_blob(row, 4).ToArray(),
            };
            var checksum = raw.sqlite3_column_int64(row, 5);
            yield return (entry, checksum == EntryRow.ChecksumOf(group, entry, kind));
        }
    }
}
