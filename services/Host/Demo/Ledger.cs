using Dapper;
using Microsoft.Data.Sqlite;
using Muster.Contracts;

namespace Muster.Host.Demo;

/// <summary>
/// The guarded resource: a SQLite file that remembers the greatest fencing token per item and refuses writes
/// that carry an older one. It also records what an unguarded resource would have done with the same writes.
/// Thread-safe: a worker that leads looks at it while it works.
/// </summary>
public sealed class Ledger : IDisposable
{
    private const string Schema = """
        PRAGMA journal_mode = WAL;
        PRAGMA busy_timeout = 10000;
        CREATE TABLE IF NOT EXISTS fences (item TEXT PRIMARY KEY, token INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS results (
            id INTEGER PRIMARY KEY, item TEXT NOT NULL, words INTEGER NOT NULL, token INTEGER NOT NULL,
            worker TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS refusals (
            id INTEGER PRIMARY KEY, item TEXT NOT NULL, token INTEGER NOT NULL, fence INTEGER NOT NULL,
            worker TEXT NOT NULL, was_done INTEGER NOT NULL);
        """;

    private readonly SqliteConnection _connection;

    // A connection has one transaction, and its commands are of it: those of another thread would fail.
    private readonly System.Threading.Lock _gate = new();

    public Ledger(string path)
    {
        _connection = new SqliteConnection($"Data Source={path};Pooling=False");
        _connection.Open();
        _connection.Execute(Schema);
    }

    /// <summary>Shows a new holder's token to the ledger, which closes it to all older ones.</summary>
    /// <returns>Whether the item has its result already.</returns>
    public bool Enter(string item, FencingToken token)
    {
        using var _ = _gate.EnterScope();
        using var transaction = _connection.BeginTransaction(deferred: false);
        RaiseFence(item, token, transaction);
        var isDone = IsDone(item, transaction);
        transaction.Commit();
        return isDone;
    }

    /// <summary>Writes an item's result, unless a newer token was shown before.</summary>
    public bool TryWrite(string item, long words, FencingToken token, string worker)
    {
        using var _ = _gate.EnterScope();
        using var transaction = _connection.BeginTransaction(deferred: false);
        var fence = RaiseFence(item, token, transaction);
        var isAccepted = token.Value >= fence;
        if (isAccepted)
        {
            _connection.Execute(
                "INSERT INTO results (item, words, token, worker) VALUES (@item, @words, @token, @worker)",
                new { item, words, token = token.Value, worker }, transaction);
        }
        else
        {
            var wasDone = IsDone(item, transaction);
            _connection.Execute(
                """
                INSERT INTO refusals (item, token, fence, worker, was_done)
                VALUES (@item, @token, @fence, @worker, @wasDone)
                """,
                new { item, token = token.Value, fence, worker, wasDone }, transaction);
        }
        transaction.Commit();
        return isAccepted;
    }

    public IReadOnlyList<LedgerResult> Results()
    {
        using var _ = _gate.EnterScope();
        return
        [
            .. _connection.Query<LedgerResult>("SELECT item, words, token, worker FROM results ORDER BY id"),
        ];
    }

    public IReadOnlyList<LedgerRefusal> Refusals()
    {
        using var _ = _gate.EnterScope();
        return
        [
            .. _connection.Query<LedgerRefusal>(
                "SELECT item, token, fence, worker, was_done AS WasDone FROM refusals ORDER BY id"),
        ];
    }

    public bool IsDone(string item)
    {
        using var _ = _gate.EnterScope();
        return IsDone(item, null);
    }

    public int DoneCount()
    {
        using var _ = _gate.EnterScope();
        return _connection.ExecuteScalar<int>("SELECT COUNT(DISTINCT item) FROM results");
    }

    public void Dispose() => _connection.Dispose();

    private long RaiseFence(string item, FencingToken token, SqliteTransaction transaction) =>
        _connection.ExecuteScalar<long>(
            """
            INSERT INTO fences (item, token) VALUES (@item, @token)
            ON CONFLICT (item) DO UPDATE SET token = MAX(token, excluded.token) RETURNING token
            """,
            new { item, token = token.Value }, transaction);

    private bool IsDone(string item, SqliteTransaction? transaction) =>
        _connection.ExecuteScalar<bool>(
            "SELECT EXISTS (SELECT 1 FROM results WHERE item = @item)", new { item }, transaction);
}

/// <summary>A write that was accepted.</summary>
public sealed class LedgerResult
{
    public string Item { get; init; } = "";

    public long Words { get; init; }

    public long Token { get; init; }

    public string Worker { get; init; } = "";
}

/// <summary>A write that was refused because a newer token had been shown.</summary>
public sealed class LedgerRefusal
{
    public string Item { get; init; } = "";

    public long Token { get; init; }

    public long Fence { get; init; }

    public string Worker { get; init; } = "";

    /// <summary>An unguarded resource would have done the item a second time.</summary>
    public bool WasDone { get; init; }
}
