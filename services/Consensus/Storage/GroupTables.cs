using Dapper;
using Microsoft.Data.Sqlite;
using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Storage;

/// <summary>
/// Writes what a step of a group wants kept, inside the caller's transaction, and reads it all back at start.
/// </summary>
internal sealed class GroupTables : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly PreparedStatement _hardState;
    private readonly PreparedStatement _snapshot;
    private readonly PreparedStatement _deleteBefore;
    private readonly PreparedStatement _deleteFrom;
    private readonly PreparedStatement _insert;

    public GroupTables(SqliteConnection connection)
    {
        const SqliteType text = SqliteType.Text, number = SqliteType.Integer, blob = SqliteType.Blob;
        _connection = connection;
        _hardState = new(connection, Schema.PutHardState, text, number, text);
        _snapshot = new(connection, Schema.PutSnapshot, text, number, number, number, blob);
        _deleteBefore = new(connection, Schema.DeleteBefore, text, number);
        _deleteFrom = new(connection, Schema.DeleteFrom, text, number);
        _insert = new(connection, Schema.InsertEntry, text, number, number, number, number, blob);
    }

    public void Write(string group, RaftOutput output)
    {
        if (output.HardState is { } state)
        {
            _hardState.Run(group, state.Term.Value, state.Vote.Value ?? "");
        }
        if (output.Snapshot is { } snapshot)
        {
            _snapshot.Run(
                group, snapshot.Index.Value, snapshot.Term.Value, snapshot.LogTime, snapshot.Payload);
            _deleteBefore.Run(group, output.FirstIndex.Value);
        }
        if (output.TruncateFrom is { } from) _deleteFrom.Run(group, from.Value);
        foreach (var entry in output.Append)
        {
            _insert.Run(
                group, entry.Index.Value, entry.Term.Value, entry.LogTime, (long)entry.Kind, entry.Payload);
        }
    }

    public HardState ReadHardState(string group)
    {
        var row = _connection.QuerySingleOrDefault<HardStateRow>(Schema.ReadHardState, new { group });
        return row is null ? new(Term.Zero, NodeId.None) : new(new(row.Term), new(row.Vote));
    }

    public GroupSnapshot? ReadSnapshot(string group)
    {
        var row = _connection.QuerySingleOrDefault<EntryRow>(Schema.ReadSnapshot, new { group });
        return row is null
            ? null
            : new()
            {
                Index = new(row.LogIndex),
                Term = new(row.Term),
                LogTime = row.LogTime,
                Payload = row.Payload,
            };
    }

    public IReadOnlyList<LogEntry> ReadEntries(string group) =>
        [.. _connection.Query<EntryRow>(Schema.ReadEntries, new { group }, buffered: false).Select(ToEntry)];

    public void Dispose()
    {
        _hardState.Dispose();
        _snapshot.Dispose();
        _deleteBefore.Dispose();
        _deleteFrom.Dispose();
        _insert.Dispose();
    }

    private static LogEntry ToEntry(EntryRow row) => new()
    {
        Index = new(row.LogIndex),
        Term = new(row.Term),
        LogTime = row.LogTime,
        Kind = (EntryKind)row.Kind,
        Payload = row.Payload,
    };

    private sealed record HardStateRow(long Term, string Vote);

    private sealed record EntryRow(long LogIndex, long Term, long LogTime, long Kind, byte[] Payload);
}
