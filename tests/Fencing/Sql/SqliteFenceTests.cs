using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Muster.Contracts;
using Shouldly;
using Xunit;

namespace Muster.Fencing.Tests.Sql;

public sealed class SqliteFenceTests : SqlFenceTests, IAsyncDisposable
{
    private const int SqliteBusy = 5;

    private readonly SqliteFile _file = new();
    private readonly List<SqliteConnection> _open = [];

    protected override string Counting => "INTEGER PRIMARY KEY AUTOINCREMENT";

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _open)
        {
            await connection.DisposeAsync();
        }
        _file.Dispose();
    }

    [Fact]
    public async Task A_deferred_transaction_that_read_before_another_wrote_is_busy_and_accepts_nothing()
    {
        await using var old = await OpenWithTablesAsync();
        await using var successor = await OpenAsync();
        await WriteAsync(old, 5);
        await using (var transaction = ((SqliteConnection)old).BeginTransaction(deferred: true))
        {
            (await TokensAsync(old)).ShouldBe([5]);
            await WriteAsync(successor, 6);

            var busy = await Should.ThrowAsync<SqliteException>(
                () => Fence.GuardAsync(transaction, "orders", new FencingToken(5), Stop));
            busy.SqliteErrorCode.ShouldBe(SqliteBusy);
        }

        (await TokensAsync(old)).ShouldBe([5, 6]);
    }

    [Fact]
    public async Task A_deferred_transaction_that_guards_first_is_as_good_as_an_immediate_one()
    {
        await using var old = await OpenWithTablesAsync();
        await using var successor = await OpenAsync();
        await using var transaction = ((SqliteConnection)old).BeginTransaction(deferred: true);
        await WriteAsync(successor, 6);

        await Should.ThrowAsync<StaleFencingTokenException>(
            () => Fence.GuardAsync(transaction, "orders", new FencingToken(5), Stop));
        await Fence.GuardAsync(transaction, "orders", new FencingToken(7), Stop);

        await successor.ExecuteAsync("PRAGMA busy_timeout = 0");
        var busy = await Should.ThrowAsync<SqliteException>(
            () => successor.ExecuteAsync("INSERT INTO ledger (token) VALUES (8)", commandTimeout: 1));
        busy.SqliteErrorCode.ShouldBe(SqliteBusy);
        await transaction.CommitAsync(Stop);
    }

    [Theory]
    [InlineData("fences; DROP TABLE x")]
    [InlineData("")]
    [InlineData("1fences")]
    [InlineData("a.b.c")]
    [InlineData("fences\n")]
    public void What_is_no_name_goes_into_no_statement(string name)
    {
        Should.Throw<ArgumentException>(() => new SqlFence(name));
        Should.Throw<ArgumentException>(() => SqlFence.GuardedUpsert(name, ["id"], []));
        Should.Throw<ArgumentException>(() => SqlFence.GuardedUpsert("t", [name], []));
        Should.Throw<ArgumentException>(() => SqlFence.GuardedUpsert("t", ["id"], [name]));
        Should.Throw<ArgumentException>(() => SqlFence.GuardedUpsert("t", ["id"], [], name));
    }

    [Fact]
    public void A_guarded_row_needs_a_key() =>
        Should.Throw<ArgumentException>(() => SqlFence.GuardedUpsert("t", [], ["status"]));

    protected override async Task<DbConnection> OpenAsync()
    {
        _open.Add(await _file.OpenAsync());
        return _open[^1];
    }
}
