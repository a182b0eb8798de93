using StackExchange.Redis;

namespace Muster.Load.Floors;

/// <summary>Redis and its own client: a key of 256 bytes read, or written, over one connection.</summary>
internal sealed class RedisRoundTrip : IFloor
{
    private static readonly byte[] Value = new byte[Payload.Bytes];

    private readonly RedisKey _key = $"muster-load-floor:{Guid.NewGuid():N}";
    private readonly ConnectionMultiplexer _connection;
    private readonly IDatabase _database;
    private readonly bool _isWrite;

    private RedisRoundTrip(ConnectionMultiplexer connection, bool isWrite) =>
        (_connection, _database, _isWrite) = (connection, connection.GetDatabase(), isWrite);

    public static async Task<IFloor> ConnectAsync(string redis, bool isWrite)
    {
        var floor = new RedisRoundTrip(await ConnectionMultiplexer.ConnectAsync(redis), isWrite);
        await floor._database.StringSetAsync(floor._key, Value);
        return floor;
    }

    public Task OnceAsync(int lane) =>
        _isWrite ? _database.StringSetAsync(_key, Value) : _database.StringGetAsync(_key);

    public async ValueTask DisposeAsync()
    {
        await _database.KeyDeleteAsync(_key);
        await _connection.DisposeAsync();
    }
}
