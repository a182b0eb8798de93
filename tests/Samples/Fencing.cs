using System.Data.Common;
using Dapper;
using MassTransit;
using Muster.Client;
using Muster.Fencing;

namespace Muster.Samples.Tests;

internal static class Fencing
{
    public static async Task WriteAsync(
        ILocks locks, DbConnection connection, string status, CancellationToken stop)
    {
        #region readme guarded-write
        var fence = new SqlFence();                                     // run its CreateTableStatement once
        await using var held = await locks.AcquireAsync("orders/42", cancellationToken: stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await fence.GuardAsync(transaction, held.Name, held.FencingToken, stop);    // first, before any read
        await connection.ExecuteAsync(
            "UPDATE orders SET status = @status WHERE id = 42", new { status }, transaction);
        await transaction.CommitAsync(stop);
        #endregion
    }

    public static async Task SendAsync(
        IBusFactoryConfigurator configurator, DbDataSource database, IBus bus, RedisFence redis,
        ILockHandle held, Work work)
    {
        #region readme fenced-messages
        configurator.UseFencingHeaders();
        configurator.ReceiveEndpoint("orders", endpoint =>
            endpoint.UseFencingGuard(new SqlFenceStore(database, new SqlFence())));

        // The token of the moment, also after an upgrade; nothing is sent once the lock is lost.
        using (FencingScope.Enter(held.Name, () => held.FencingToken, () => held.IsLost))
        {
            await bus.Publish(work);
        }
        await redis.SetAsync(held.Name, held.FencingToken, "{orders/42}:status", "paid");
        #endregion
    }
}

public sealed record Work;
