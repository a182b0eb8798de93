using System.Data.Common;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using SQLitePCL;

namespace Muster.Consensus.Storage;

/// <summary>
/// Reads rows whose columns may hold anything: the statements cast them, and what was of another type is
/// another value then, which does not bear its checksum.
/// </summary>
internal static class StoredRows
{
    public static IEnumerable<EntryRow> ReadEntries(
        this SqliteConnection connection, string sql, object values)
    {
        using var reader = connection.ExecuteReader(sql, values);
        // The columns straight from SQLite: the statements have cast them.
        var row = ((SqliteDataReader)((IWrappedDataReader)reader).Reader).Handle;
        while (reader.Read())
        {
            yield return new(
                raw.sqlite3_column_int64(row, 0), raw.sqlite3_column_int64(row, 1),
                raw.sqlite3_column_int64(row, 2), raw.sqlite3_column_int64(row, 3),
                raw.sqlite3_column_blob(row, 4).ToArray(), raw.sqlite3_column_int64(row, 5),
                raw.sqlite3_column_blob(row, 6).ToArray());
        }
    }

    public static T? ReadOne<T>(
        this SqliteConnection connection, string sql, string group, Func<DbDataReader, T> read,
        DbTransaction? transaction = null)
        where T : class
    {
        using var reader = (DbDataReader)connection.ExecuteReader(sql, new { group }, transaction);
        return reader.Read() ? read(reader) : null;
    }
}

/// <summary>
/// An entry or, of kind -1, a snapshot, with what it had to be when it was written. A snapshot's membership
/// is JSON, and empty for that of the bootstrap.
/// </summary>
internal sealed record EntryRow(
    long LogIndex, long Term, long LogTime, long Kind, byte[] Payload, long Checksum, byte[] Membership)
{
    public const long SnapshotKind = -1;

    public static EntryRow Of(string group, LogEntry entry) => Of(
        group, entry.Index.Value, entry.Term.Value, entry.LogTime, (long)entry.Kind, entry.Payload, []);

    public static EntryRow Of(string group, GroupSnapshot snapshot) => Of(
        group, snapshot.Index.Value, snapshot.Term.Value, snapshot.LogTime, SnapshotKind, snapshot.Payload,
        snapshot.Membership is { } membership
            ? JsonSerializer.SerializeToUtf8Bytes(membership, ContractJson.Default.GroupMembership) : []);

    public bool IsWhole(string group) => Checksum == ChecksumOf(
        group, LogIndex, Term, LogTime, Kind, Payload, Membership);

    /// <summary>As parameters of a statement.</summary>
    public object Values(string group) =>
        new { group, LogIndex, Term, LogTime, Kind, Payload, Checksum, Membership };

    public GroupMembership? ReadMembership() => Membership.Length == 0 ? null
        : JsonSerializer.Deserialize(Membership, ContractJson.Default.GroupMembership);

    /// <param name="group">The group's name.</param>
    /// <param name="entry">As it was read.</param>
    /// <param name="kind">The stored number of its kind.</param>
    public static long ChecksumOf(string group, LogEntry entry, long kind) => ChecksumOf(
        group, entry.Index.Value, entry.Term.Value, entry.LogTime, kind, entry.Payload, []);

    private static EntryRow Of(
        string group, long index, long term, long logTime, long kind, byte[] payload, byte[] membership) =>
        new(index, term, logTime, kind, payload,
            ChecksumOf(group, index, term, logTime, kind, payload, membership), membership);

    private static long ChecksumOf(
        string group, long index, long term, long logTime, long kind, byte[] payload, byte[] membership) =>
        Storage.Checksum.Of(group, [index, term, logTime, kind, payload.Length], payload, membership);
}

internal sealed record HardStateRow(long Term, string Vote, long Checksum)
{
    public static HardStateRow Read(DbDataReader reader) =>
        new(reader.GetInt64(0), reader.GetString(1), reader.GetInt64(2));

    public static long ChecksumOf(string group, long term, string vote) =>
        Storage.Checksum.Of(group, [term], Encoding.UTF8.GetBytes(vote));

    public bool IsWhole(string group) => Checksum == ChecksumOf(group, Term, Vote);
}

/// <summary>The last index of a group's log: it tells when the end vanished without a trace.</summary>
internal sealed record TailRow(long LastIndex, long Checksum)
{
    public static TailRow Read(DbDataReader reader) => new(reader.GetInt64(0), reader.GetInt64(1));

    public bool IsWhole(string group) => Checksum == Storage.Checksum.Of(group, [LastIndex]);
}

internal sealed record RepairRow(long LostUpTo, long Term, long Checksum)
{
    public static RepairRow Read(DbDataReader reader) =>
        new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));

    public bool IsWhole(string group) => Checksum == Storage.Checksum.Of(group, [LostUpTo, Term]);
}
