using System.Data.Common;
using Muster.Contracts;

namespace Muster.Fencing;

/// <summary>
/// A fence table as a store: each call is a transaction of its own. In the table that also guards the writes,
/// it refuses early what those would refuse.
/// </summary>
/// <param name="database">
/// <c>NpgsqlDataSource</c>, or <c>SqliteFactory.Instance.CreateDataSource(…)</c>.
/// </param>
/// <param name="fence">Its table is there.</param>
public sealed class SqlFenceStore(DbDataSource database, SqlFence fence) : IFenceStore
{
    /// <inheritdoc/>
    /// <exception cref="DbException">The database's own: away, busy, no table.</exception>
    public async ValueTask<FencingToken> RaiseAsync(
        string resource, FencingToken token, CancellationToken cancellationToken = default)
    {
        FenceArguments.Check(resource, token);
        var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            return await fence.RaiseAsync(connection, null, resource, token, cancellationToken)
                .ConfigureAwait(false);
        }
    }
}
