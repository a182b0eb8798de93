using System.Data.Common;
using Dapper;
using Muster.Contracts;
using Shouldly;
using Xunit;

namespace Muster.Fencing.Tests.Sql;

/// <summary>
/// What holds for fences in every database: a ledger tells in which order which tokens have written.
/// </summary>
public abstract class SqlFenceTests
{
    private readonly SqlFence _fence = new();

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected SqlFence Fence => _fence;

    /// <summary>The type of a column that counts by itself.</summary>
    protected abstract string Counting { get; }

    /// <summary>A connection of its own to a database that nobody else uses.</summary>
    protected abstract Task<DbConnection> OpenAsync();

    [Fact]
    public async Task An_old_holder_that_wakes_up_writes_nothing()
    {
        await using var old = await OpenWithTablesAsync();
        await using var successor = await OpenAsync();
        await WriteAsync(old, 5);
        await WriteAsync(old, 5);
        await WriteAsync(successor, 8);

        var stale = await Should.ThrowAsync<StaleFencingTokenException>(() => WriteAsync(old, 5));

        (stale.Resource, stale.Token.Value, stale.Newest.Value).ShouldBe(("orders", 5, 8));
        await WriteAsync(successor, 8);
        (await TokensAsync(old)).ShouldBe([5, 5, 8, 8]);
    }

    [Fact]
    public async Task A_transaction_that_is_rolled_back_leaves_no_trace()
    {
        await using var connection = await OpenWithTablesAsync();
        await WriteAsync(connection, 5);
        await using (var transaction = await connection.BeginTransactionAsync(Stop))
        {
            await _fence.GuardAsync(transaction, "orders", new FencingToken(6), Stop);
            await _fence.GuardAsync(transaction, "other", new FencingToken(6), Stop);
            await transaction.RollbackAsync(Stop);
        }

        await WriteAsync(connection, 5);
        (await TokensAsync(connection)).ShouldBe([5, 5]);
        (await FencesAsync(connection)).ShouldBe(["orders 5"]);
    }

    [Fact]
    public async Task A_refusal_that_is_rolled_back_takes_what_was_written_before_it_along()
    {
        await using var connection = await OpenWithTablesAsync();
        await WriteAsync(connection, 6);
        await using (var transaction = await connection.BeginTransactionAsync(Stop))
        {
            await InsertAsync(transaction, 5);
            await Should.ThrowAsync<StaleFencingTokenException>(
                () => _fence.GuardAsync(transaction, "orders", new FencingToken(5), Stop));
        }

        (await TokensAsync(connection)).ShouldBe([6]);
        (await FencesAsync(connection)).ShouldBe(["orders 6"]);
    }

    [Fact]
    public async Task A_break_fences_the_old_holder_before_the_next_one_writes()
    {
        await using var connection = await OpenWithTablesAsync();
        await WriteAsync(connection, 5);

        (await AdvanceAsync(connection, 7)).Value.ShouldBe(7);
        (await AdvanceAsync(connection, 6)).Value.ShouldBe(7);

        await Should.ThrowAsync<StaleFencingTokenException>(() => WriteAsync(connection, 5));
        await WriteAsync(connection, 8);
        (await TokensAsync(connection)).ShouldBe([5, 8]);
    }

    [Fact]
    public async Task The_next_holder_waits_for_a_transaction_that_has_passed_its_guard()
    {
        await using var old = await OpenWithTablesAsync();
        await using var successor = await OpenAsync();
        Task next;
        await using (var transaction = await old.BeginTransactionAsync(Stop))
        {
            await _fence.GuardAsync(transaction, "orders", new FencingToken(5), Stop);
            next = Task.Run(() => WriteAsync(successor, 6), Stop);
            await InsertAsync(transaction, 5);
            next.IsCompleted.ShouldBeFalse();
            await transaction.CommitAsync(Stop);
        }
        await next;

        (await TokensAsync(old)).ShouldBe([5, 6]);
        await Should.ThrowAsync<StaleFencingTokenException>(() => WriteAsync(old, 5));
    }

    [Fact]
    public async Task Holders_that_write_at_once_are_in_the_ledger_in_the_order_of_their_tokens()
    {
        await using var reader = await OpenWithTablesAsync();
        await Interleaving.CheckAsync(async () =>
        {
            var connection = await OpenAsync();
            return async token =>
            {
                try
                {
                    await WriteAsync(connection, token.Value);
                    return true;
                }
                catch (StaleFencingTokenException stale)
                {
                    stale.Newest.ShouldBeGreaterThan(token);
                    return false;
                }
            };
        });

        var tokens = await TokensAsync(reader);
        tokens.ShouldBe(tokens.Order());
    }

    [Fact]
    public async Task Rows_that_keep_their_token_take_no_older_one()
    {
        await using var connection = await OpenAsync();
        await connection.ExecuteAsync(
            "CREATE TABLE orders (id BIGINT, part INT, status TEXT, fence BIGINT, PRIMARY KEY (id, part))");
        await connection.ExecuteAsync("INSERT INTO orders VALUES (1, 1, 'new', NULL)");
        var upsert = SqlFence.GuardedUpsert("orders", ["id", "part"], ["status"]);

        foreach (var (part, fence, rows) in new[] { (1, 5, 1), (1, 6, 1), (1, 5, 0), (1, 6, 1), (2, 5, 1) })
        {
            (await connection.ExecuteAsync(upsert, new { id = 1L, part, status = $"by {fence}", fence }))
                .ShouldBe(rows, $"{part} {fence}");
        }

        (await connection.QueryAsync<string>("SELECT status FROM orders ORDER BY part"))
            .ShouldBe(["by 6", "by 5"]);
    }

    [Fact]
    public async Task Of_rows_that_keep_their_token_none_goes_back_when_written_at_once()
    {
        await using var reader = await OpenAsync();
        await reader.ExecuteAsync("CREATE TABLE orders (id BIGINT PRIMARY KEY, status TEXT, fence BIGINT)");
        var upsert = SqlFence.GuardedUpsert("orders", ["id"], ["status"]);

        await Interleaving.CheckAsync(async () =>
        {
            var connection = await OpenAsync();
            return async token => await connection.ExecuteAsync(
                upsert, new { id = 1L, status = $"by {token}", fence = token.Value }) == 1;
        });

        var (status, fence) = await reader.QuerySingleAsync<(string, long)>(
            "SELECT status, fence FROM orders");
        status.ShouldBe($"by {fence}");
    }

    [Fact]
    public async Task A_transaction_that_has_ended_guards_nothing()
    {
        await using var connection = await OpenWithTablesAsync();
        await using var transaction = await connection.BeginTransactionAsync(Stop);
        await transaction.CommitAsync(Stop);

        await Should.ThrowAsync<InvalidOperationException>(
            () => _fence.GuardAsync(transaction, "orders", new FencingToken(5), Stop));
    }

    protected async Task<DbConnection> OpenWithTablesAsync()
    {
        var connection = await OpenAsync();
        await connection.ExecuteAsync(_fence.CreateTableStatement);
        await connection.ExecuteAsync(_fence.CreateTableStatement);
        await connection.ExecuteAsync($"CREATE TABLE ledger (id {Counting}, token BIGINT NOT NULL)");
        return connection;
    }

    protected async Task WriteAsync(DbConnection connection, long token)
    {
        await using var transaction = await connection.BeginTransactionAsync(Stop);
        await _fence.GuardAsync(transaction, "orders", new FencingToken(token), Stop);
        await InsertAsync(transaction, token);
        await transaction.CommitAsync(Stop);
    }

    protected static Task InsertAsync(DbTransaction transaction, long token) => transaction.Connection!
        .ExecuteAsync("INSERT INTO ledger (token) VALUES (@token)", new { token }, transaction);

    protected static async Task<IReadOnlyList<long>> TokensAsync(DbConnection connection) =>
        [.. await connection.QueryAsync<long>("SELECT token FROM ledger ORDER BY id")];

    private static Task<IEnumerable<string>> FencesAsync(DbConnection connection) =>
        connection.QueryAsync<string>("SELECT resource || ' ' || token FROM muster_fences ORDER BY resource");

    private async Task<FencingToken> AdvanceAsync(DbConnection connection, long token)
    {
        await using var transaction = await connection.BeginTransactionAsync(Stop);
        var newest = await _fence.AdvanceAsync(transaction, "orders", new FencingToken(token), Stop);
        await transaction.CommitAsync(Stop);
        return newest;
    }
}
