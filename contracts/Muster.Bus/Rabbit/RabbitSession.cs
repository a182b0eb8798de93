using System.Threading.Channels;
using RabbitMQ.Client;

namespace Muster.Bus;

/// <summary>
/// One connect of a link, from two fresh connections to their end. When anything of it fails all of it ends,
/// and the link makes a new one.
/// </summary>
internal sealed class RabbitSession : IAsyncDisposable
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly RabbitLinkScope _scope;
    private readonly List<IConnection> _connections = [];
    private readonly List<RabbitWorkQueue> _workQueues = [];
    private readonly List<Task> _running = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource<bool> _opened =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<bool> _changes =
        Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private SendPump _pump = null!;
    private string? _endReason;
    private volatile string? _blockReason;

    internal RabbitSession(RabbitLinkScope scope)
    {
        _scope = scope;
        Incarnation = Incarnations.Next(scope.Address);
    }

    public string Incarnation { get; }

    public ConfirmedPublisher Confirmed { get; internal set; } = null!;

    public string Hints { get; private set; } = "not asked for";

    public bool HasEnded => _ended.IsCancellationRequested;

    public bool IsBlocked => _blockReason is not null;

    /// <summary>Why it cannot be used now.</summary>
    public string Reason => Volatile.Read(ref _endReason) ?? _blockReason ?? "up";

    /// <summary>
    /// True once the owner has been told of this incarnation, false if that never happens: what consumers
    /// wait for.
    /// </summary>
    public Task<bool> Opened => HasEnded ? Task.FromResult(false) : _opened.Task;

    /// <param name="scope">The link.</param>
    /// <param name="answered">Called with each part that is there: a connection, the inbox, a work queue.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Exception">Anything the client throws; nothing is left open then.</exception>
    public static async Task<RabbitSession> ConnectAsync(
        RabbitLinkScope scope, Action answered, CancellationToken cancellationToken)
    {
        var session = new RabbitSession(scope);
        try
        {
            await session.OpenConnectionsAsync(answered, cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            _ = session.DisposeAsync().AsTask();
            throw;
        }
    }

    public bool TrySend(OutgoingFrame frame) => !HasEnded && !IsBlocked && _pump.TrySend(frame);

    public void StartDelivering() => _opened.TrySetResult(true);

    /// <summary>
    /// Completes at the next block, unblock or end; one that came since the last call counts.
    /// </summary>
    public async Task WaitForChangeAsync(CancellationToken cancellationToken) =>
        await _changes.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);

    public void End(string reason)
    {
        if (Interlocked.CompareExchange(ref _endReason, reason, null) is null)
        {
            // Continuations must not run on the client's own reading task, which may be the caller.
            _ = _ended.CancelAsync();
            _opened.TrySetResult(false);
            _changes.Writer.TryWrite(true);
        }
    }

    /// <summary>Writes what is buffered, sends and acks, as far as the time reaches.</summary>
    public async Task DrainAsync(TimeSpan timeout)
    {
        // Acks first: one that still counts, for an answer that is not sent any more, would lose its command.
        foreach (var queue in _workQueues)
        {
            queue.Complete();
        }
        _pump.Complete();
        await Task.WhenAny(Task.WhenAll(_running), Task.Delay(timeout, _scope.Time)).ConfigureAwait(false);
    }

    /// <summary>
    /// Closes both connections, in two seconds at most. Never throws: a half-dead connection is simply left
    /// behind.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        End("closed");
        await Task.WhenAll(_connections.Select(connection => Task.Run(() => CloseAsync(connection))))
            .ConfigureAwait(false);
        _ended.Dispose();
    }

    private async Task CloseAsync(IConnection connection)
    {
        try
        {
            await CloseAndDisposeAsync().WaitAsync(CloseTimeout, _scope.Time).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _scope.Logger.CloseFailed(_scope.Address, exception.Message);
        }

        async Task CloseAndDisposeAsync()
        {
            await connection
                .CloseAsync(Constants.ReplySuccess, "closed by the link", CloseTimeout, abort: true)
                .ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task OpenConnectionsAsync(Action answered, CancellationToken cancellationToken)
    {
        var factory = _scope.Settings.CreateFactory();
        var consume = await OpenAsync(factory, "consume", cancellationToken).ConfigureAwait(false);
        answered();
        var publish = await OpenAsync(factory, "publish", cancellationToken).ConfigureAwait(false);
        answered();
        publish.ConnectionBlockedAsync += (_, blocked) =>
            SetBlocked("blocked by the broker: " + blocked.Reason);
        publish.ConnectionUnblockedAsync += (_, _) => SetBlocked(null);

        var inbox = await OpenChannelAsync(consume, null, cancellationToken).ConfigureAwait(false);
        await Topology
            .DeclareExchangesAsync(inbox, _scope.Names, _scope.Options.Exchanges(), cancellationToken)
            .ConfigureAwait(false);
        await Topology.DeclareInboxAsync(inbox, _scope.Names, _scope.Options, Incarnation, cancellationToken)
            .ConfigureAwait(false);

        var sends = await OpenChannelAsync(publish, null, cancellationToken).ConfigureAwait(false);
        var confirms = await OpenChannelAsync(publish, ConfirmedPublisher.ChannelOptions, cancellationToken)
            .ConfigureAwait(false);
        Confirmed = new ConfirmedPublisher(confirms, _ended.Token);
        _pump = new SendPump(
            sends, () => IsBlocked, failure => End("writing failed: " + failure.Message), _ended.Token);
        _running.Add(_pump.Written);

        var hints = await BindHintsAsync(factory.VirtualHost, consume, cancellationToken)
            .ConfigureAwait(false);
        await inbox.BasicConsumeAsync(
            Incarnation, autoAck: true, new Inbox(inbox, this, _scope, hints), cancellationToken)
                .ConfigureAwait(false);
        foreach (var queue in _scope.Options.WorkQueues)
        {
            answered();
            await OpenWorkQueueAsync(consume, queue, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<IConnection> OpenAsync(
        ConnectionFactory factory, string role, CancellationToken cancellationToken)
    {
        var name = $"{_scope.Settings.ClientName} {Incarnation} {role}";
        var connection = await factory.CreateConnectionAsync(name, cancellationToken).ConfigureAwait(false);
        _connections.Add(connection);
        connection.ConnectionShutdownAsync += (_, shutdown) =>
            EndAsync($"the {role} connection closed: {shutdown.ReplyText}");
        return connection;
    }

    private async Task<IChannel> OpenChannelAsync(
        IConnection connection, CreateChannelOptions? options, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(options, cancellationToken).ConfigureAwait(false);
        channel.ChannelShutdownAsync += (_, shutdown) => EndAsync("a channel closed: " + shutdown.ReplyText);
        return channel;
    }

    private async Task OpenWorkQueueAsync(
        IConnection connection, WorkQueue queue, CancellationToken cancellationToken)
    {
        var channel = await OpenChannelAsync(connection, null, cancellationToken).ConfigureAwait(false);
        await Topology.DeclareWorkQueueAsync(channel, queue, cancellationToken).ConfigureAwait(false);
        var consumer = new RabbitWorkQueue(channel, queue, this, _scope);
        _workQueues.Add(consumer);
        Run(consumer.RunAsync);
        await consumer.ConsumeAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<BrokerHints?> BindHintsAsync(
        string virtualHost, IConnection connection, CancellationToken cancellationToken)
    {
        if (_scope.Options.OnQueueDeleted is not { } onQueueDeleted)
        {
            return null;
        }
        var refused = await BrokerHints.TryBindAsync(connection, Incarnation, cancellationToken)
            .ConfigureAwait(false);
        Hints = refused is null ? "on" : "off";
        if (refused is not null)
        {
            _scope.HintsRefused(refused);
        }
        return refused is null ? new BrokerHints(virtualHost, onQueueDeleted) : null;
    }

    private void Run(Func<CancellationToken, Task> work) => _running.Add(Task.Run(async () =>
    {
        try
        {
            await work(_ended.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            End("writing failed: " + exception.Message);
        }
    }));

    private Task SetBlocked(string? reason)
    {
        _blockReason = reason;
        _changes.Writer.TryWrite(true);
        return Task.CompletedTask;
    }

    private Task EndAsync(string reason)
    {
        End(reason);
        return Task.CompletedTask;
    }
}
