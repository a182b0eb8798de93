using Microsoft.Data.Sqlite;

namespace Muster.Load.Floors;

/// <summary>
/// One row of 256 bytes committed to SQLite as a consensus node does it: write-ahead log, synchronous=FULL.
/// </summary>
internal sealed class SyncedCommit : IFloor
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;

    private SyncedCommit(SqliteConnection connection)
    {
        _connection = connection;
        Execute("PRAGMA journal_mode=WAL");
        Execute("PRAGMA synchronous=FULL");
        Execute("CREATE TABLE entries (number INTEGER PRIMARY KEY, payload BLOB NOT NULL)");
        _insert = connection.CreateCommand();
        _insert.CommandText = "INSERT INTO entries (payload) VALUES ($payload)";
        _insert.Parameters.AddWithValue("$payload", new byte[Payload.Bytes]);
        _insert.Prepare();
    }

    /// <summary>In the folder that the nodes' data is in, hence on the same disk.</summary>
    public static async Task<IFloor> OpenAsync(string folder)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(folder, $"floor-{Guid.NewGuid():N}.db"),
            Pooling = false,
        }.ToString());
        await connection.OpenAsync();
        return new SyncedCommit(connection);
    }

    public Task OnceAsync(int lane)
    {
        _insert.ExecuteNonQuery();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _insert.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
