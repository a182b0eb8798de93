using Muster.Broker;
using Muster.Load.Reporting;
using StackExchange.Redis;
using IRedis = Muster.Broker.IRedis;

namespace Muster.Load.Stage;

/// <summary>
/// The Redis of a run: the one that is named, else, in the order that the tests use, one named by the
/// environment, a container, or the distribution's; or none, with the reason why.
/// </summary>
internal sealed class LoadRedis : IAsyncDisposable
{
    private readonly IRedis? _own;
    private readonly string _description;

    private LoadRedis(string? connection, string description, IRedis? own) =>
        (Connection, _description, _own) = (connection, description, own);

    /// <summary>StackExchange.Redis' configuration string; null: there is none.</summary>
    public string? Connection { get; }

    public static LoadRedis None(string why) => new(null, $"none: {why}", null);

    public static async Task<LoadRedis> OpenAsync(string? named, IProgressLine progress)
    {
        if (named is not null)
        {
            return new LoadRedis(named, await AskAsync(named), null);
        }
        progress.Say("No --redis is given: looking for one, or starting it for this run.");
        IRedis own;
        try
        {
            own = await RedisChoice.StartSharedAsync();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Without Redis there are fewer rows, and the report says so.
            return None($"{failure.Message} Name one with --redis.");
        }
        try
        {
            return new LoadRedis(own.Connection, await AskAsync(own.Connection), own);
        }
        catch
        {
            await own.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _own?.DisposeAsync() ?? ValueTask.CompletedTask;

    public override string ToString() => _description;

    /// <summary>Version and place; never the configuration string, which may hold a password.</summary>
    private static async Task<string> AskAsync(string connection)
    {
        try
        {
            await using var redis = await ConnectionMultiplexer.ConnectAsync(connection);
            var server = redis.GetServer(redis.GetEndPoints()[0]);
            return $"Redis {server.Version} at {server.EndPoint}";
        }
        catch (Exception failure) when (failure is RedisException or ArgumentException)
        {
            throw new LoadException($"--redis takes no connection: {failure.Message}", failure);
        }
    }
}
