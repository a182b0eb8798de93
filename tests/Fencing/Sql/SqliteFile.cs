using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Muster.Broker;

namespace Muster.Fencing.Tests.Sql;

/// <summary>A database file of one test, that all its connections share.</summary>
internal sealed class SqliteFile : IDisposable
{
    private readonly string _folder = Scratch.NewFolder("fence");

    public SqliteFile()
    {
        // Nothing here is about power loss. The time-out, in seconds, is how long a writer waits for another.
        Source = SqliteFactory.Instance.CreateDataSource(
            $"Data Source={Path.Combine(_folder, "test.db")};Pooling=False;Default Timeout=60");
        using var connection = Source.OpenConnection();
        connection.Execute("PRAGMA journal_mode = WAL");
    }

    public DbDataSource Source { get; }

    public async Task<SqliteConnection> OpenAsync()
    {
        var connection = (SqliteConnection)await Source.OpenConnectionAsync();
        await connection.ExecuteAsync("PRAGMA synchronous = OFF; PRAGMA busy_timeout = 60000");
        return connection;
    }

    public async Task RunAsync(string statement)
    {
        await using var connection = await OpenAsync();
        await connection.ExecuteAsync(statement);
    }

    public void Dispose()
    {
        Source.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
