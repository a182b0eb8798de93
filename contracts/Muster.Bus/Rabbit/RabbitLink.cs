using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Muster.Bus;

/// <summary>
/// A link over RabbitMQ. It reconnects by itself, each time with two new connections and a fresh inbox queue.
/// </summary>
public sealed class RabbitLink : IBusLink
{
    private static readonly TimeSpan[] RetryDelays = [.. new[] { 100, 250, 500, 1000 }.Select(ms =>
        TimeSpan.FromMilliseconds(ms))];
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(1);

    private readonly RabbitLinkScope _scope;
    private readonly IReadOnlySet<string> _exchanges;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _firstUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lifetime = new();
    private volatile RabbitSession? _session;
    private Task? _loop;
    private Task? _disposal;

    /// <summary>A link to a broker; nothing happens before it is started.</summary>
    public RabbitLink(
        RabbitLinkSettings settings, BusNames names, LinkOptions options, ILogger logger, TimeProvider time)
    {
        options.Validate();
        _scope = new RabbitLinkScope(settings, names, options, logger, time);
        _exchanges = options.Exchanges();
    }

    /// <inheritdoc/>
    public event Action<string>? Up;

    /// <inheritdoc/>
    public event Action<string>? Down;

    /// <inheritdoc/>
    public string Address => _scope.Address;

    /// <inheritdoc/>
    public string Incarnation => _session is { HasEnded: false } session ? session.Incarnation : "";

    /// <inheritdoc/>
    public bool IsUp => _session is { HasEnded: false, IsBlocked: false };

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        lock (_lifetime)
        {
            ObjectDisposedException.ThrowIf(_disposal is not null, this);
            _loop = _loop is null
                ? Task.Run(RunAsync, CancellationToken.None)
                : throw new InvalidOperationException("Already started.");
        }
        try
        {
            await _firstUp.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _loop.ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public bool Send<T>(string address, T message, SendOptions? options = null) where T : class =>
        TrySend(_scope.Names.InboxExchange, address, message, options);

    /// <inheritdoc/>
    public bool Publish<T>(string exchange, T message, SendOptions? options = null) where T : class
    {
        RequireDeclared(exchange);
        return TrySend(exchange, "", message, options);
    }

    /// <inheritdoc/>
    public bool SendToQueue<T>(string queue, T message, SendOptions? options = null) where T : class =>
        TrySend("", queue, message, options);

    /// <inheritdoc/>
    public async Task<bool> PublishEventAsync<T>(T message, CancellationToken cancellationToken)
        where T : class
    {
        var exchange = _scope.Names.Exchange(typeof(T));
        RequireDeclared(exchange);
        if (_session is not { HasEnded: false, IsBlocked: false } session)
        {
            throw new EventNotPublishedException(
                $"{Address} is down: {_session?.Reason ?? "not connected"}.");
        }
        var messageId = Guid.CreateVersion7();
        var properties = new BasicProperties
        {
            ContentType = BusJson.EnvelopeContentType,
            Type = BusJson.TypeName(typeof(T)),
            MessageId = messageId.ToString(),
            DeliveryMode = DeliveryModes.Persistent,
        };
        var body =
            Envelope.Write(properties.Type, BusJson.Write(message), messageId, _scope.Time.GetUtcNow());
        return await session.Confirmed.PublishAsync(exchange, "", properties, body, cancellationToken)
            .ConfigureAwait(false);
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

    private bool TrySend<T>(
        string exchange, string routingKey, T message, SendOptions? options) where T : class
    {
        if (_session is not { HasEnded: false, IsBlocked: false } session)
        {
            return false;
        }
        if (OutgoingFrame.Create(exchange, routingKey, message, options, out var tooLarge) is { } frame)
        {
            return session.TrySend(frame);
        }
        if (tooLarge > 0)
        {
            _scope.TooLarge($"{exchange}/{routingKey}", BusJson.TypeName(message.GetType()), tooLarge);
        }
        return false;
    }

    private void RequireDeclared(string exchange)
    {
        if (!_exchanges.Contains(exchange))
        {
            throw new InvalidOperationException(
                $"{Address} does not name the exchange '{exchange}' in LinkOptions.Publishes.");
        }
    }

    private async Task StopAsync()
    {
        // Off the caller's lock and thread before anything else.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (_session is { HasEnded: false } session)
        {
            await session.DrainAsync(DrainTimeout).ConfigureAwait(false);
        }
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_loop is not null)
        {
            await _loop.ConfigureAwait(false);
            _scope.Logger.LinkClosed(Address, _scope.Settings.ToString());
        }
    }

    private async Task RunAsync()
    {
        try
        {
            for (var failures = 0; !_stop.IsCancellationRequested;)
            {
                if (await TryConnectAsync(failures + 1).ConfigureAwait(false) is { } session)
                {
                    failures = 0;
                    await ServeAsync(session).ConfigureAwait(false);
                }
                else
                {
                    failures++;
                }
                var delay = RetryDelays[Math.Clamp(failures - 1, 0, RetryDelays.Length - 1)];
                await Task.Delay(delay, _scope.Time, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _firstUp.TrySetCanceled(_stop.Token);
        }
        _firstUp.TrySetCanceled(_stop.Token);
    }

    private async Task<RabbitSession?> TryConnectAsync(int attempt)
    {
        using var timeout = new CancellationTokenSource(_scope.Settings.ConnectTimeout, _scope.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
        try
        {
            return await RabbitSession
                .ConnectAsync(_scope, () => timeout.CancelAfter(_scope.Settings.ConnectTimeout), either.Token)
                .ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (!_stop.IsCancellationRequested && _scope.ConnectLog.Allows(out _))
            {
                // The outer message only says that no endpoint was reachable; the cause names the refused
                // login or vhost.
                var reason = timeout.IsCancellationRequested
                    ? $"no answer within {_scope.Settings.ConnectTimeout}"
                    : exception.GetBaseException().Message;
                _scope.Logger.ConnectFailed(Address, _scope.Settings.ToString(), attempt, reason);
            }
            return null;
        }
    }

    /// <summary>Tells the owner of every change of a session until it ends.</summary>
    private async Task ServeAsync(RabbitSession session)
    {
        var announced = false;
        try
        {
            _session = session;
            while (!session.HasEnded)
            {
                Announce(session, ref announced, !session.IsBlocked);
                if (announced)
                {
                    session.StartDelivering();
                    _firstUp.TrySetResult();
                }
                await session.WaitForChangeAsync(_stop.Token).ConfigureAwait(false);
            }
        }
        finally
        {
            session.End("closed by its owner");
            Announce(session, ref announced, false);
            _session = null;
            var closing = session.DisposeAsync();
            if (_stop.IsCancellationRequested)
            {
                await closing.ConfigureAwait(false);
            }
        }
    }

    private void Announce(RabbitSession session, ref bool announced, bool up)
    {
        if (announced == up)
        {
            return;
        }
        announced = up;
        if (!up && !_stop.IsCancellationRequested)
        {
            _scope.Logger.LinkDown(Address, session.Incarnation, session.Reason);
        }
        else if (up && session.Opened.IsCompleted)
        {
            _scope.Logger.LinkUnblocked(Address, session.Incarnation);
        }
        else if (up)
        {
            _scope.Logger.LinkUp(Address, _scope.Settings.ToString(), session.Incarnation, session.Hints);
        }
        try
        {
            (up ? Up : Down)?.Invoke(up ? session.Incarnation : session.Reason);
        }
        catch (Exception exception)
        {
            _scope.Logger.EventHandlerFailed(Address, up ? nameof(Up) : nameof(Down), exception);
        }
    }
}
