using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Muster.Bus;
using Muster.Views;

namespace Muster.Client;

/// <summary>
/// The client. It connects at the first call (or <see cref="ConnectAsync"/>), reconnects by itself, and sends
/// open commands again under their ids. Dispose it asynchronously: that closes the session, so that its locks
/// are free at once.
/// </summary>
public sealed class MusterClient : IMuster
{
    private readonly NodeName _node;
    private readonly ClientCore _core;
    private readonly ServiceClient _services;
    private readonly RedisServiceViews? _ownViews;
    private readonly Lock _gate = new();
    private Task? _disposing;

    /// <summary>
    /// A client of the RabbitMQ at <see cref="MusterOptions.Bus"/>, where there is no container for
    /// <c>AddMuster</c>. Its connections are its own, and closed when it is disposed; so are its views, those
    /// of <see cref="MusterOptions.Redis"/>.
    /// </summary>
    /// <param name="options">At least with <see cref="MusterOptions.Bus"/>; later changes do nothing.</param>
    /// <param name="loggers">Stays the caller's. Default: none.</param>
    /// <param name="time">Default: the system's.</param>
    /// <exception cref="OptionsValidationException">
    /// The options break a rule, or have no broker; the message has the values.
    /// </exception>
    public MusterClient(MusterOptions options, ILoggerFactory? loggers = null, TimeProvider? time = null)
        : this(
            options, RabbitLinks(options, loggers, time), time, loggers?.CreateLogger<MusterClient>(),
            views: null, loggers?.CreateLogger<RedisServiceViews>() ?? NullLogger<RedisServiceViews>.Instance)
    {
    }

    /// <summary>
    /// A client over links of the given factory, which stays the caller's, as do the views (default: those of
    /// <see cref="MusterOptions.Redis"/>, if that is set). <see cref="MusterOptions.Bus"/> is not read.
    /// </summary>
    /// <exception cref="OptionsValidationException">
    /// The options break a rule; the message has the values.
    /// </exception>
    public MusterClient(
        MusterOptions options, ILinkFactory links, TimeProvider? time = null,
        ILogger<MusterClient>? logger = null, IServiceViews? views = null)
        : this(options, links, time, logger, views, NullLogger<RedisServiceViews>.Instance)
    {
    }

    internal MusterClient(
        MusterOptions options, ILinkFactory links, TimeProvider? time, ILogger<MusterClient>? logger,
        IServiceViews? views, ILogger<RedisServiceViews> redisLogger)
    {
        Check(options, isBusRequired: false);
        ILogger log = logger ?? NullLogger<MusterClient>.Instance;
        var clock = time ?? TimeProvider.System;
        _node = NodeName.Take(options.Cluster, options.Node, Environment.MachineName);
        options = options.For(_node.Value);
        if (_node.IsShared && options.HeartbeatInterval > TimeSpan.Zero)
        {
            log.NodeShared(options.Node);
        }
        _core = new ClientCore(options, links, clock, log);
        if (views is null && !string.IsNullOrWhiteSpace(options.Redis))
        {
            views = _ownViews = new RedisServiceViews(
                new RedisOptions { Connection = options.Redis }, options.Cluster, clock,
                redisLogger);
        }
        var acquiring = new Acquiring(_core, log);
        Locks = new LockClient(_core, acquiring);
        Elections = new ElectionClient(_core, acquiring);
        Config = new ConfigClient(_core);
        Standbys = new StandbyClient(_core, log);
        Decisions = new DecisionClient(_core);
        Services = _services = new ServiceClient(_core, views ?? new NoServiceViews(), log);
    }

    /// <inheritdoc/>
    public ILocks Locks { get; }

    /// <inheritdoc/>
    public IServices Services { get; }

    /// <inheritdoc/>
    public IConfig Config { get; }

    /// <inheritdoc/>
    public IElections Elections { get; }

    /// <inheritdoc/>
    public IStandbys Standbys { get; }

    /// <inheritdoc/>
    public IDecisions Decisions { get; }

    /// <inheritdoc/>
    public bool IsConnected => _core.IsConnected;

    /// <inheritdoc/>
    public Task ConnectAsync(CancellationToken cancellationToken = default) =>
        _core.ConnectAsync(cancellationToken);

    /// <summary>
    /// Waiting calls end with <see cref="ObjectDisposedException"/>, held locks report lost, the session is
    /// closed, instances are taken out of the registry and members out of their groups: for the answers it
    /// waits 1 s at most. Idempotent; each call returns when it is done.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposing ??= CloseAsync();
        }
        return new ValueTask(_disposing);
    }

    internal ClientCore Core => _core;

    internal void BeginConnect() => _core.Start();

    /// <summary>Of a broker that <paramref name="options"/> names, or it throws what is wrong.</summary>
    internal static RabbitLinkFactory RabbitLinks(
        MusterOptions options, ILoggerFactory? loggers, TimeProvider? time)
    {
        Check(options, isBusRequired: true);
        var settings = new RabbitLinkSettings
        {
            Broker = options.Bus!,
            ClientName = "muster client " + options.Owner,
        };
        return new RabbitLinkFactory(
            settings, new BusNames(options.Cluster), loggers ?? NullLoggerFactory.Instance, time);
    }

    private static void Check(MusterOptions options, bool isBusRequired)
    {
        ArgumentNullException.ThrowIfNull(options);
        var validity = new MusterOptionsValidator(isBusRequired).Validate(null, options);
        if (validity.Failed)
        {
            throw new OptionsValidationException(
                nameof(MusterOptions), typeof(MusterOptions), validity.Failures);
        }
    }

    private async Task CloseAsync()
    {
        _services.Dispose();
        await _core.DisposeAsync().ConfigureAwait(false);
        _node.Dispose();
        if (_ownViews is not null)
        {
            await _ownViews.DisposeAsync().ConfigureAwait(false);
        }
    }
}
