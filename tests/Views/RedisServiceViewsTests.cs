using Muster.Broker;

namespace Muster.Views.Tests;

public sealed class RedisServiceViewsTests(RedisFixture fixture) : ServiceViewsTests, IAsyncDisposable
{
    private readonly List<RedisServiceViews> _open = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var views in _open)
        {
            await views.DisposeAsync();
        }
    }

    protected override async Task<IReadOnlyList<IServiceViews>> OpenAsync(int count)
    {
        var redis = await fixture.SharedAsync();
        var cluster = RedisConnections.NewCluster();
        for (var number = 0; number < count; number++)
        {
            _open.Add(await RedisConnections.OpenAsync(redis, cluster));
        }
        return _open;
    }
}
