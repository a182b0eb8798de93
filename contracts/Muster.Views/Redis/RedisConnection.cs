using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Muster.Views;

/// <summary>
/// The connection to Redis, made and made again in the background: nobody waits for it, and while it is down
/// calls fail at once.
/// </summary>
internal sealed partial class RedisConnection : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly ConfigurationOptions _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _connecting;
    private volatile ConnectionMultiplexer? _connection;

    public RedisConnection(
        RedisOptions options, string channel, Action<RedisValue> onMessage, Action onInterrupted,
        TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        _settings = ConfigurationOptions.Parse(options.Connection ?? "");
        _settings.AbortOnConnectFail = false;
        _settings.BacklogPolicy = BacklogPolicy.FailFast;
        _settings.ReconnectRetryPolicy = new LinearRetry((int)Pause.TotalMilliseconds);
        _settings.AsyncTimeout = Math.Max((int)options.Timeout.TotalMilliseconds, 100);
        _settings.ClientName ??= "muster";
        _connecting = ConnectAsync(RedisChannel.Literal(channel), onMessage, onInterrupted);
    }

    /// <exception cref="InvalidOperationException">Not connected yet.</exception>
    public IDatabase Database => _connection?.GetDatabase()
        ?? throw new InvalidOperationException("Redis was not reached yet.");

    /// <exception cref="InvalidOperationException">Not connected yet.</exception>
    public ISubscriber Publisher => _connection?.GetSubscriber()
        ?? throw new InvalidOperationException("Redis was not reached yet.");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _connecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_connection is { } connection)
        {
            await connection.DisposeAsync();
        }
        _stop.Dispose();
    }

    private async Task ConnectAsync(
        RedisChannel channel, Action<RedisValue> onMessage, Action onInterrupted)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _connection ??= await ConnectAsync();
                var messages = await _connection.GetSubscriber().SubscribeAsync(channel)
                    .WaitAsync(_stop.Token);
                _connection.ConnectionFailed += (_, change) => Interrupt(change, onInterrupted);
                _connection.ConnectionRestored += (_, change) => Interrupt(change, onInterrupted);
                // One after the other, in their order.
                messages.OnMessage(message => onMessage(message.Message));
                onInterrupted();
                return;
            }
            catch (Exception exception) when (
                exception is not OutOfMemoryException && !_stop.IsCancellationRequested)
            {
                LogNotReached(exception.GetType().Name, exception.Message);
                await ForgetAsync(channel);
                await Task.Delay(Pause, _time, _stop.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>
    /// A subscription that failed has left a queue without a reader behind, which takes every message once a
    /// later one succeeds.
    /// </summary>
    private async Task ForgetAsync(RedisChannel channel)
    {
        if (_connection is { } connection)
        {
            await connection.GetSubscriber().UnsubscribeAsync(channel).WaitAsync(Pause, _time, _stop.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var connecting = ConnectionMultiplexer.ConnectAsync(_settings);
        try
        {
            return await connecting.WaitAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Nobody waits the seconds until it is there, or is not; then it goes.
            _ = connecting.ContinueWith(
                late => late.Result.Dispose(), CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    private static void Interrupt(ConnectionFailedEventArgs change, Action onInterrupted)
    {
        if (change.ConnectionType == ConnectionType.Subscription)
        {
            onInterrupted();
        }
    }

    [LoggerMessage(6114, LogLevel.Debug, "Redis is not reached yet: {Kind}: {Why}")]
    private partial void LogNotReached(string kind, string why);
}
