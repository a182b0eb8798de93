using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts.Decisions;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Muster.Contracts.Registry;

namespace Muster.Client;

/// <summary>
/// The client's link: made and started at the first use, until it is up; then it comes back by itself.
/// </summary>
internal sealed class BusLane : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MinRenewalLife = TimeSpan.FromSeconds(1);

    private readonly ILinkFactory _factory;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LinkOptions _options;
    private readonly TimeSpan _beatLife;
    private readonly TimeSpan _renewalLife;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _connected =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Lock _gate = new();
    private volatile IBusLink? _link;
    private Task? _starting;

    public BusLane(
        ILinkFactory factory, MusterOptions options, Action<LinkMessage> onMessage, TimeProvider time,
        ILogger logger)
    {
        (_factory, _time, _logger) = (factory, time, logger);
        _beatLife = options.HeartbeatInterval > TimeSpan.Zero
            ? options.HeartbeatInterval
            : Renewal.IntervalOf(options.SessionTtl);
        _renewalLife = TimeSpan.FromTicks(
            Math.Clamp(_beatLife.Ticks, MinRenewalLife.Ticks, Renewal.MaxInterval.Ticks));
        _options = new LinkOptions
        {
            Address = AddressOf(Environment.MachineName),
            OnMessage = onMessage,
            Publishes =
            [
                factory.Names.Exchange(typeof(LockCommandBatch)),
                factory.Names.Exchange(typeof(RegistryCommandBatch)),
                factory.Names.Exchange(typeof(RecoveryCommandBatch)),
                factory.Names.Exchange(typeof(DecisionCommandBatch)),
                factory.Names.Exchange(typeof(Heartbeat)),
                factory.Names.NodeBeats,
            ],
            Subscriptions =
            [
                .. (options.ReceiveEvents ? Inbox.Events : Inbox.EventsAlways).Select(factory.Names.Exchange),
            ],
            // A grant that waited longer than a call is of no use: its acquire is told apart by the next
            // heartbeat.
            InboxMessageTtl = options.CallTimeout,
        };
    }

    public string Address => _options.Address;

    /// <summary>The present connection's inbox queue; empty while there is none.</summary>
    public string Connection => _link?.Incarnation ?? "";

    public bool IsUp => _link?.IsUp ?? false;

    /// <summary>
    /// Done when the link was up for the first time; failed when the lane was disposed before.
    /// </summary>
    public Task Connected => _connected.Task;

    public event Action? Up;

    public event Action<string>? Down;

    /// <summary>Starts to connect; a second call does nothing.</summary>
    public void Start()
    {
        if (_starting is not null)
        {
            return;
        }
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_starting is not null)
            {
                return;
            }
            _starting = mine.Task;
        }
        _ = RunAsync(mine);
    }

    /// <summary>
    /// Sends a batch or a heartbeat, or drops it; what is dropped is sent again by its calls.
    /// </summary>
    public void Publish(object message)
    {
        switch (message)
        {
            case Heartbeat heartbeat:
                Publish(heartbeat);
                break;
            case LockCommandBatch batch:
                Publish(batch, options: null);
                break;
            case RegistryCommandBatch batch:
                Publish(batch, options: null);
                break;
            case RecoveryCommandBatch batch:
                Publish(batch, options: null);
                break;
            case DecisionCommandBatch batch:
                Publish(batch, options: null);
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        if (_starting is { } starting)
        {
            await starting.ConfigureAwait(false);
        }
        if (_link is { } link)
        {
            await link.DisposeAsync().ConfigureAwait(false);
        }
        _connected.TrySetException(new ObjectDisposedException(nameof(MusterClient)));
        _ = _connected.Task.Exception; // observed: perhaps nobody waited for it
        _closing.Dispose();
    }

    private static string AddressOf(string machine)
    {
        var host = string.Concat(machine.Where(char.IsAsciiLetterOrDigit).Take(40));
        return $"client.{host}.{Environment.ProcessId}.{Guid.NewGuid().ToString("N")[..8]}";
    }

    /// <summary>
    /// It lives for about one interval, so that heartbeats held up in a queue revive nobody. What renews also
    /// lives through a moment's hold-up of the queue: a lease has but few of them.
    /// </summary>
    private void Publish(Heartbeat heartbeat)
    {
        var isBeat = heartbeat is { Sessions.Count: 0, Leases.Count: 0 };
        Publish(
            heartbeat, new SendOptions { TimeToLive = isBeat ? _beatLife : _renewalLife },
            isBeat ? _factory.Names.NodeBeats : null);
    }

    private void Publish<T>(T message, SendOptions? options, string? exchange = null) where T : class
    {
        try
        {
            _link?.Publish(exchange ?? _factory.Names.Exchange(typeof(T)), message, options);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _logger.SendFailed(exception);
        }
    }

    private async Task RunAsync(TaskCompletionSource finished)
    {
        try
        {
            while (!_closing.IsCancellationRequested && !await TryStartAsync().ConfigureAwait(false))
            {
                await Task.Delay(RetryDelay, _time, _closing.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // Disposed while waiting: there is nothing to tell anybody.
        }
        finally
        {
            finished.TrySetResult();
        }
    }

    private async Task<bool> TryStartAsync()
    {
        var link = _factory.Create(_options);
        try
        {
            link.Up += _ => OnUp();
            link.Down += reason => Down?.Invoke(reason);
            _link = link;
            await link.StartAsync(_closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            return true;
        }
        catch (Exception exception)
        {
            _logger.ConnectFailed(exception, RetryDelay);
            _link = null;
            await link.DisposeAsync().ConfigureAwait(false);
            return false;
        }
        return true;
    }

    private void OnUp()
    {
        _connected.TrySetResult();
        Up?.Invoke();
    }
}
