using System.Data;
using System.Data.Common;
using Muster.Contracts;

namespace Muster.Fencing;

/// <summary>
/// Fences in a table beside the data they guard, for SQLite (3.35) and PostgreSQL, with ADO.NET or anything
/// on it such as Dapper. A holder shows its token in the transaction that writes:
/// <list type="bullet">
/// <item>Call <see cref="GuardAsync"/> first, before the transaction reads: what was read before may miss the
/// last write of the holder before, who was still allowed it. Let its exception end the transaction.</item>
/// <item>The fence's row stays locked until the transaction ends, so nobody with another token writes between
/// check and commit: others wait in PostgreSQL (READ COMMITTED; at REPEATABLE READ and above they may get a
/// serialization failure, and a stale token is never accepted) and at BEGIN IMMEDIATE in SQLite. There the
/// whole database is locked. A deferred transaction that has read before the guard gets SQLITE_BUSY if
/// another wrote meanwhile: begin it immediately, as <c>BeginTransaction()</c> of Microsoft.Data.Sqlite
/// does.</item>
/// <item>A rolled-back transaction leaves no trace, also none in the fence.</item>
/// <item>A holder that is paused within its transaction keeps the next one waiting, as any open transaction
/// does: bound it (<c>idle_in_transaction_session_timeout</c>). Who guards several resources in one
/// transaction does so in one order everywhere, or two deadlock.</item>
/// </list>
/// Fences are for ever: a deleted row, or an older backup of the database, accepts an old holder again
/// until a newer token is shown (<see cref="AdvanceAsync"/>). Thread-safe.
/// </summary>
public sealed class SqlFence
{
    private readonly string _raise;

    /// <param name="table">Letters, digits, _ and, before a schema's table, a dot.</param>
    /// <exception cref="ArgumentException">Another name.</exception>
    public SqlFence(string table = "muster_fences")
    {
        SqlNames.Check(table);
        CreateTableStatement =
            $"CREATE TABLE IF NOT EXISTS {table} (resource TEXT NOT NULL PRIMARY KEY, token BIGINT NOT NULL)";
        // The row is written also when its token stays, for its lock; only so is the answer the newest one.
        _raise =
            $"""
            INSERT INTO {table} AS kept (resource, token) VALUES (@resource, @token)
            ON CONFLICT (resource) DO UPDATE
            SET token = CASE WHEN excluded.token > kept.token THEN excluded.token ELSE kept.token END
            RETURNING token
            """;
    }

    /// <summary>The table: run it with your migrations, or at start.</summary>
    public string CreateTableStatement { get; }

    /// <summary>
    /// Refuses a holder that another one has followed. What the transaction writes after it is committed only
    /// if no newer token was shown until then.
    /// </summary>
    /// <param name="transaction">Yours, open; this neither commits it nor rolls it back.</param>
    /// <param name="resource">As for <see cref="IFenceStore.RaiseAsync"/>.</param>
    /// <param name="token">The handle's, of the lock that protects the resource.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    /// <exception cref="StaleFencingTokenException">
    /// A newer token was shown: roll the transaction back.
    /// </exception>
    /// <exception cref="ArgumentException">No such resource or token can be; nothing was done.</exception>
    /// <exception cref="InvalidOperationException">The transaction has ended.</exception>
    /// <exception cref="DbException">The database's own: busy, deadlock, no table.</exception>
    public async Task GuardAsync(
        DbTransaction transaction, string resource, FencingToken token,
        CancellationToken cancellationToken = default)
    {
        var newest = await AdvanceAsync(transaction, resource, token, cancellationToken)
            .ConfigureAwait(false);
        StaleFencingTokenException.ThrowIfStale(resource, token, newest);
    }

    /// <summary>
    /// Fences all older holders at once, without a write of one's own: with a new grant's token, or that of
    /// <c>LockBroken</c> after a break. Of an older token it changes nothing. Counts once it is committed.
    /// </summary>
    /// <returns>The newest token shown: <paramref name="token"/> or a greater one.</returns>
    /// <inheritdoc cref="GuardAsync" path="/param"/>
    /// <exception cref="ArgumentException">No such resource or token can be; nothing was done.</exception>
    /// <exception cref="InvalidOperationException">The transaction has ended.</exception>
    /// <exception cref="DbException">The database's own: busy, deadlock, no table.</exception>
    public Task<FencingToken> AdvanceAsync(
        DbTransaction transaction, string resource, FencingToken token,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var connection = transaction.Connection
            ?? throw new InvalidOperationException("The transaction has ended.");
        return RaiseAsync(connection, transaction, resource, token, cancellationToken);
    }

    /// <summary>
    /// The statement for a row that keeps the token of its last write itself: guard and write are one
    /// statement, without fence table and transaction. It inserts the row or replaces it; parameters are
    /// named as the columns. No row affected means that a newer holder wrote the row. A row without a token
    /// takes any. Do not delete such rows: what is gone remembers no token.
    /// </summary>
    /// <param name="table">As of the constructor.</param>
    /// <param name="keys">The columns of its primary key, or of a unique index.</param>
    /// <param name="columns">What is written.</param>
    /// <param name="tokenColumn">BIGINT.</param>
    /// <exception cref="ArgumentException">Another name than letters, digits and _; no key.</exception>
    public static string GuardedUpsert(
        string table, IReadOnlyCollection<string> keys, IReadOnlyCollection<string> columns,
        string tokenColumn = "fence")
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentOutOfRangeException.ThrowIfZero(keys.Count, nameof(keys));
        string[] all = [.. keys, .. columns, tokenColumn];
        SqlNames.Check([table, .. all]);
        var set = string.Join(", ", columns.Append(tokenColumn).Select(name => $"{name} = excluded.{name}"));
        return
            $"""
            INSERT INTO {table} AS kept ({string.Join(", ", all)})
            VALUES ({string.Join(", ", all.Select(name => "@" + name))})
            ON CONFLICT ({string.Join(", ", keys)}) DO UPDATE SET {set}
            WHERE excluded.{tokenColumn} >= COALESCE(kept.{tokenColumn}, 0)
            """;
    }

    internal async Task<FencingToken> RaiseAsync(
        DbConnection connection, DbTransaction? transaction, string resource, FencingToken token,
        CancellationToken cancellationToken)
    {
        FenceArguments.Check(resource, token);
        var command = connection.CreateCommand();
        await using (command.ConfigureAwait(false))
        {
            command.CommandText = _raise;
            command.Transaction = transaction;
            Add(command, "@resource", DbType.String, resource);
            Add(command, "@token", DbType.Int64, token.Value);
            var newest = await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
            return new FencingToken((long)newest!);
        }
    }

    private static void Add(DbCommand command, string name, DbType type, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.DbType = type;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }
}
