using Muster.Broker;
using StackExchange.Redis;

namespace Muster.Fencing.Tests.Stores;

public sealed class RedisFenceStoreTests(RedisFixture fixture) : FenceStoreTests, IAsyncDisposable
{
    private readonly string _prefix = $"t{Guid.NewGuid():N}:";
    private readonly List<ConnectionMultiplexer> _open = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _open)
        {
            await connection.DisposeAsync();
        }
    }

    protected override async Task<IFenceStore> OpenAsync()
    {
        var redis = await fixture.SharedAsync();
        var connection = await ConnectionMultiplexer.ConnectAsync(redis.Connection);
        lock (_open)
        {
            _open.Add(connection);
        }
        return new RedisFence(connection.GetDatabase(), _prefix);
    }
}
