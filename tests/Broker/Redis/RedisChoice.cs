namespace Muster.Broker;

/// <summary>
/// Which Redis the tests use, by the same order as the broker: the one the environment names, else a
/// container, else the distribution's.
/// </summary>
public static class RedisChoice
{
    /// <summary>A configuration string of StackExchange.Redis.</summary>
    public const string NamedVariable = "MUSTER_TEST_REDIS";

    public static bool IsNamed => Environment.GetEnvironmentVariable(NamedVariable) is { Length: > 0 };

    /// <summary>Tests can start a Redis of their own.</summary>
    public static bool CanStartOwn => BrokerChoice.Way != BrokerChoice.None;

    public static async Task<IRedis> StartSharedAsync() =>
        Environment.GetEnvironmentVariable(NamedVariable) is { Length: > 0 } named
            ? new NamedRedis(named)
            : await StartOwnAsync();

    public static Task<IRedis> StartOwnAsync() => BrokerChoice.Way switch
    {
        BrokerChoice.Docker => StartAsync(new ContainerRedis()),
        BrokerChoice.Distribution => StartAsync(new DistributionRedis()),
        _ => throw new InvalidOperationException(
            $"No Redis: {NamedVariable} is not set, no Docker answers, no redis-server is installed."),
    };

    private static async Task<IRedis> StartAsync(ControllableRedis redis)
    {
        try
        {
            await redis.StartAsync();
            return redis;
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }
}
