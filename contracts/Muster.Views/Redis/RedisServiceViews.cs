using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Muster.Contracts.Registry;
using StackExchange.Redis;

namespace Muster.Views;

/// <summary>
/// Views in Redis: a hash <c>muster:{CLUSTER}:view:SERVICE</c> each, announced on the channel
/// <c>muster:{CLUSTER}:views</c>. Connects in the background. Redis stopped, flushed, slow or read-only
/// costs a call its time-out once; then calls fail at once until it is back.
/// </summary>
public sealed partial class RedisServiceViews : IServiceViews
{
    /// <summary>
    /// By its hash alone, a restarted Redis would not know the script, and fail the first call.
    /// </summary>
    private const CommandFlags Whole = CommandFlags.NoScriptCache;

    private readonly RedisConnection _connection;
    private readonly CallGate _reads;
    private readonly CallGate _writes;
    private readonly string _prefix;
    private readonly RedisChannel _channel;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<ViewSubscription, bool> _subscriptions = new();

    /// <param name="options">Its connection must be set, and all in order: see <see
    /// cref="RedisOptions.Problems"/>.</param>
    /// <param name="cluster">Clusters of different names share a Redis without meeting.</param>
    /// <param name="time">The clock of the time-outs.</param>
    /// <param name="logger">Where losses and returns of Redis are told.</param>
    public RedisServiceViews(
        RedisOptions options, string cluster, TimeProvider time, ILogger<RedisServiceViews> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _logger = logger;
        _prefix = $"muster:{{{cluster}}}:view:";
        var channel = $"muster:{{{cluster}}}:views";
        _channel = RedisChannel.Literal(channel);
        _reads = new CallGate("read", options, time, logger);
        _writes = new CallGate("write", options, time, logger);
        _connection = new RedisConnection(options, channel, Take, Interrupt, time, logger);
    }

    /// <inheritdoc/>
    public bool IsAvailable => _reads.IsOpen && _writes.IsOpen;

    /// <inheritdoc/>
    public async ValueTask<bool> WriteAsync(
        ServiceView view, TimeSpan ttl, TimeSpan age, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ttl, TimeSpan.Zero);
        if (age >= ttl)
        {
            return false;
        }
        RedisKey[] keys = [_prefix + view.Service];
        RedisValue[] values =
        [
            view.Epoch, view.Index.Value, ViewJson.Write(view),
            (long)ttl.TotalMilliseconds, (long)Math.Ceiling(age.TotalMilliseconds),
        ];
        var (succeeded, _) = await _writes.CallAsync(
            () => _connection.Database.ScriptEvaluateAsync(ViewScripts.Write, keys, values, Whole),
            cancellationToken);
        return succeeded;
    }

    /// <inheritdoc/>
    public async ValueTask<StoredView?> ReadAsync(string service, CancellationToken cancellationToken)
    {
        RedisKey[] keys = [_prefix + service];
        var (succeeded, result) = await _reads.CallAsync(
            () => _connection.Database.ScriptEvaluateReadOnlyAsync(ViewScripts.Read, keys, flags: Whole),
            cancellationToken);
        if (!succeeded || result is null || result.IsNull || result.Length != 3)
        {
            return null;
        }
        if (KeptView.Read(service, (byte[])result[0]!, (string?)result[1]) is not { } kept)
        {
            LogUnreadable(service);
            return null;
        }
        return kept.WithLeft((long)result[2]);
    }

    /// <inheritdoc/>
    public async Task AnnounceAsync(ViewAnnouncement announcement, CancellationToken cancellationToken) =>
        await _writes.CallAsync(
            () => _connection.Publisher.PublishAsync(_channel, ViewJson.Write(announcement)),
            cancellationToken);

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<ViewAnnouncement> onAnnounced, Action onGap)
    {
        var subscription = new ViewSubscription(
            onAnnounced, onGap, gone => _subscriptions.TryRemove(gone, out _), _logger);
        _subscriptions.TryAdd(subscription, true);
        return subscription;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _subscriptions.Clear();
        return _connection.DisposeAsync();
    }

    private void Take(RedisValue message)
    {
        if (ViewJson.Read<ViewAnnouncement>((byte[])message!) is not { } announcement)
        {
            LogUnreadable("announcement");
            return;
        }
        foreach (var subscription in _subscriptions.Keys)
        {
            subscription.Take(announcement);
        }
    }

    private void Interrupt()
    {
        foreach (var subscription in _subscriptions.Keys)
        {
            subscription.Interrupt();
        }
    }

    [LoggerMessage(6115, LogLevel.Warning, "What Redis keeps of {What} is no view of this registry")]
    private partial void LogUnreadable(string what);
}
