using Microsoft.Extensions.Logging.Abstractions;
using Muster.Broker;

namespace Muster.Views.Tests;

internal static class RedisConnections
{
    public static string NewCluster() => $"t{Guid.NewGuid():N}"[..12];

    /// <summary>
    /// Connected. The time-out is wide where a test is not about it: two cores run all of this.
    /// </summary>
    public static async Task<RedisServiceViews> OpenAsync(
        IRedis redis, string cluster, TimeSpan? timeout = null)
    {
        var views = new RedisServiceViews(
            new RedisOptions
            {
                Connection = redis.Connection,
                Timeout = timeout ?? TimeSpan.FromSeconds(5),
                RetryAfter = TimeSpan.FromMilliseconds(100),
            },
            cluster, TimeProvider.System, NullLogger<RedisServiceViews>.Instance);
        await Until.TrueAsync(
            async () =>
            {
                await views.ReadAsync("ready", CancellationToken.None);
                return views.IsAvailable;
            },
            "Redis is not reached");
        return views;
    }
}
