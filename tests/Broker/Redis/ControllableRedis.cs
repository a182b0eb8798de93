using System.Globalization;
using StackExchange.Redis;

namespace Muster.Broker;

/// <summary>What the Redis servers that tests own have in common: their state, and their commands.</summary>
internal abstract class ControllableRedis : IRedis
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private bool _isRunning;

    protected int Port { get; } = FreePorts.Take();

    public string Connection => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    public abstract string Description { get; }

    public bool CanControl => true;

    public async Task StartAsync()
    {
        if (!_isRunning)
        {
            await StartServerAsync();
            _isRunning = true;
        }
        await WaitAsync();
    }

    public async Task StopAsync()
    {
        if (_isRunning)
        {
            _isRunning = false;
            await StopServerAsync();
        }
    }

    public async Task CommandAsync(string command, params object[] arguments)
    {
        await using var connection =
            await ConnectionMultiplexer.ConnectAsync(Connection + ",allowAdmin=true");
        await connection.GetServer(Connection).ExecuteAsync(command, arguments);
    }

    public async Task RestoreAsync()
    {
        await StartAsync();
        await CommandAsync("CLIENT", "UNPAUSE");
        await CommandAsync("REPLICAOF", "NO", "ONE");
    }

    public abstract ValueTask DisposeAsync();

    protected abstract Task StartServerAsync();

    protected abstract Task StopServerAsync();

    private async Task WaitAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await CommandAsync("PING");
                return;
            }
            catch (RedisException) when (TimeProvider.System.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(Pause, TimeProvider.System);
            }
        }
    }
}
