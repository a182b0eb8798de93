using StackExchange.Redis;

namespace Muster.Views;

/// <summary>
/// Section <c>Redis</c> (environment <c>Redis__Connection</c> and so on): where views are cached.
/// </summary>
public sealed record RedisOptions
{
    /// <summary>The section of a configuration.</summary>
    public const string Section = "Redis";

    /// <summary>
    /// StackExchange.Redis' configuration string: <c>redis:6379,user=muster,password=...</c>. Redis 7 or
    /// newer. Null or empty (default): no Redis, and every reader asks the bus.
    /// </summary>
    public string? Connection { get; set; }

    /// <summary>
    /// A call that takes longer counts as failed. Low: a busy Redis is taken for a lost one; high: a lost one
    /// delays each first call. 10 ms to 10 s; default 250 ms.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>After a failed call one call in this time tries again. 50 ms to 1 min; default 1 s.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>There is a Redis to be used.</summary>
    public bool IsConfigured => !string.IsNullOrWhiteSpace(Connection);

    /// <summary>What is wrong, in sentences; nothing when all is well. Never shows the connection.</summary>
    public static IEnumerable<string> Problems(RedisOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.IsConfigured && !IsReadable(options.Connection!))
        {
            yield return
                "Redis:Connection is no configuration string of StackExchange.Redis with an address.";
        }
        if (options.Timeout < TimeSpan.FromMilliseconds(10) || options.Timeout > TimeSpan.FromSeconds(10))
        {
            yield return $"Redis:Timeout is {options.Timeout}: 10 ms to 10 s.";
        }
        if (options.RetryAfter < TimeSpan.FromMilliseconds(50)
            || options.RetryAfter > TimeSpan.FromMinutes(1))
        {
            yield return $"Redis:RetryAfter is {options.RetryAfter}: 50 ms to 1 min.";
        }
    }

    private static bool IsReadable(string connection)
    {
        try
        {
            return ConfigurationOptions.Parse(connection).EndPoints.Count > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
