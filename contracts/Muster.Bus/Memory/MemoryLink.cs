using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Muster.Bus;

/// <summary>A link to the other links of the same process. It is up from its start to its disposal.</summary>
public sealed class MemoryLink : IBusLink
{
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly MemoryBus _bus;
    private readonly LinkOptions _options;
    private readonly ILogger _logger;
    private readonly MemorySender _sender;
    private readonly LogThrottle _dropLog;
    private readonly IReadOnlySet<string> _exchanges;
    private readonly Lock _lifetime = new();
    private readonly List<MemoryWorker> _workers = [];
    private volatile bool _isUp;
    private Task<FrameEndpoint>? _starting;
    private Task? _sending;
    private Task? _disposal;

    /// <summary>A link of a bus; nothing happens before it is started.</summary>
    public MemoryLink(MemoryBus bus, LinkOptions options, ILogger logger)
    {
        options.Validate();
        (_bus, _options, _logger) = (bus, options, logger);
        _exchanges = options.Exchanges();
        _sender = new MemorySender(bus, options.Address, logger);
        _dropLog = new LogThrottle(bus.Time, TimeSpan.FromSeconds(5));
    }

    /// <inheritdoc/>
    public event Action<string>? Up;

    /// <inheritdoc/>
    public event Action<string>? Down;

    /// <inheritdoc/>
    public string Address => _options.Address;

    /// <inheritdoc/>
    public string Incarnation { get; private set; } = "";

    /// <inheritdoc/>
    public bool IsUp => _isUp;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        lock (_lifetime)
        {
            ObjectDisposedException.ThrowIf(_disposal is not null, this);
            _starting = _starting is null
                ? OpenAsync(cancellationToken)
                : throw new InvalidOperationException("Already started.");
        }
        var endpoint = await _starting.ConfigureAwait(false);
        lock (_lifetime)
        {
            ObjectDisposedException.ThrowIf(_disposal is not null, this);
            _sending = Task.Run(() => _sender.RunAsync(CancellationToken.None), CancellationToken.None);
            _isUp = true;
        }
        Raise(Up, nameof(Up), Incarnation);
        lock (_lifetime)
        {
            // From here on it is delivered to, unless a handler of Up has disposed it.
            if (_disposal is null)
            {
                _bus.AddInbox(_options, endpoint);
                _workers.ForEach(worker => worker.Start());
            }
        }
    }

    /// <inheritdoc/>
    public bool Send<T>(string address, T message, SendOptions? options = null) where T : class =>
        TrySend(MemorySender.Destination.Inbox, address, _bus.Names.InboxExchange, message, options);

    /// <inheritdoc/>
    public bool Publish<T>(string exchange, T message, SendOptions? options = null) where T : class
    {
        RequireNamed(exchange);
        return TrySend(MemorySender.Destination.Exchange, exchange, exchange, message, options);
    }

    /// <inheritdoc/>
    public bool SendToQueue<T>(string queue, T message, SendOptions? options = null) where T : class =>
        TrySend(MemorySender.Destination.Queue, queue, "", message, options);

    /// <inheritdoc/>
    public async Task<bool> PublishEventAsync<T>(T message, CancellationToken cancellationToken)
        where T : class
    {
        var exchange = _bus.Names.Exchange(typeof(T));
        RequireNamed(exchange);
        if (!_isUp)
        {
            throw new EventNotPublishedException($"{Address} is down.");
        }
        var messageId = Guid.CreateVersion7();
        var type = BusJson.TypeName(typeof(T));
        var frame = new LinkFrame
        {
            Exchange = exchange,
            Type = type,
            ContentType = BusJson.EnvelopeContentType,
            MessageId = messageId.ToString(),
            Body = Envelope.Write(type, BusJson.Write(message), messageId, _bus.Time.GetUtcNow()),
        };
        await _sender.PublishAsync(exchange, frame, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_lifetime)
        {
            _disposal ??= StopAsync();
        }
        return new ValueTask(_disposal);
    }

    private async Task<FrameEndpoint> OpenAsync(CancellationToken cancellationToken)
    {
        await _bus.EnsureStartedAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        foreach (var exchange in _options.Subscriptions)
        {
            await _bus.EnsureRelayAsync(exchange).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        foreach (var queue in _options.WorkQueues)
        {
            var from = await _bus.WorkQueueAsync(queue).WaitAsync(cancellationToken).ConfigureAwait(false);
            _workers.Add(new MemoryWorker(from, queue, _logger, _bus.Time));
        }
        Incarnation = Incarnations.Next(Address);
        return await FrameEndpoint
            .StartAsync(_bus.Bus, _bus.Types, Incarnation, [], ReceiveAsync, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task StopAsync()
    {
        // Off the caller's lock and thread before anything else.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        // First: an ack that still counts, for an answer that is not sent any more, would lose its command.
        if (_starting is { IsCompletedSuccessfully: true })
        {
            foreach (var worker in _workers)
            {
                await worker.StopAsync().ConfigureAwait(false);
            }
        }
        _sender.Complete();
        if (_sending is not null)
        {
            await Task.WhenAny(_sending, Task.Delay(DrainTimeout, _bus.Time)).ConfigureAwait(false);
        }
        if (_starting is not { IsCompletedSuccessfully: true })
        {
            return;
        }
        var endpoint = await _starting.ConfigureAwait(false);
        _bus.RemoveInbox(_options, endpoint);
        if (_isUp)
        {
            _isUp = false;
            Raise(Down, nameof(Down), "closed by its owner");
        }
        Incarnation = "";
        using var timeout = new CancellationTokenSource(StopTimeout, _bus.Time);
        await endpoint.StopAsync(timeout.Token).ConfigureAwait(false);
    }

    private bool TrySend<T>(
        MemorySender.Destination kind, string name, string exchange, T message, SendOptions? options)
        where T : class
    {
        if (!_isUp)
        {
            return false;
        }
        var frame = new LinkFrame
        {
            Exchange = exchange,
            Type = BusJson.TypeName(message.GetType()),
            ContentType = options?.Encoded?.ContentType ?? BusJson.BareContentType,
            Body = options?.Encoded?.Bytes ?? BusJson.Write(message),
            CorrelationId = options?.CorrelationId,
            MessageId = options?.MessageId,
            ReplyTo = options?.ReplyTo,
            ExpiresAt = options?.TimeToLive is { } timeToLive ? ExpiryOf(timeToLive) : 0,
        };
        return _sender.TrySend(kind, name, frame);
    }

    private long ExpiryOf(TimeSpan timeToLive) =>
        _bus.Time.GetTimestamp()
        + (long)(Math.Clamp(timeToLive.TotalSeconds, 0, int.MaxValue) * _bus.Time.TimestampFrequency);

    private Task ReceiveAsync(LinkFrame frame)
    {
        Receive(frame);
        return Task.CompletedTask;
    }

    private void Receive(LinkFrame frame)
    {
        if (!_isUp || (frame.ExpiresAt != 0 && _bus.Time.GetTimestamp() > frame.ExpiresAt))
        {
            return;
        }
        if (frame.ToMessage() is not { } message)
        {
            Dropped(frame, "its type is no contract.");
            return;
        }
        try
        {
            _options.OnMessage(message);
        }
        catch (JsonException malformed)
        {
            Dropped(frame, malformed.Message);
        }
        catch (Exception exception)
        {
            if (_dropLog.Allows(out var suppressed))
            {
                _logger.HandlerFailed(Address, frame.Type, suppressed, exception);
            }
        }
    }

    private void Dropped(LinkFrame frame, string reason)
    {
        if (_dropLog.Allows(out var suppressed))
        {
            _logger.MessageDropped(Address, frame.Exchange, frame.Type, reason, suppressed);
        }
    }

    private void RequireNamed(string exchange)
    {
        if (!_exchanges.Contains(exchange))
        {
            throw new InvalidOperationException(
                $"{Address} does not name the exchange '{exchange}' in LinkOptions.Publishes.");
        }
    }

    private void Raise(Action<string>? handlers, string name, string argument)
    {
        try
        {
            handlers?.Invoke(argument);
        }
        catch (Exception exception)
        {
            _logger.EventHandlerFailed(Address, name, exception);
        }
    }
}
