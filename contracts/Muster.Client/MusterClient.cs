using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Muster.Bus;

namespace Muster.Client;

/// <summary>
/// The client. It connects at the first call (or <see cref="ConnectAsync"/>), reconnects by itself, and sends
/// open commands again under their ids. Dispose it asynchronously: that closes the session, so that its locks
/// are free at once.
/// </summary>
public sealed class MusterClient : IMuster
{
    private readonly ClientCore _core;

    /// <summary>A client over links of the given factory, which stays the caller's.</summary>
    /// <exception cref="OptionsValidationException">
    /// The options break a rule; the message has the values.
    /// </exception>
    public MusterClient(
        MusterOptions options, ILinkFactory links, TimeProvider? time = null,
        ILogger<MusterClient>? logger = null)
    {
        var validity = new MusterOptionsValidator(isBusRequired: false).Validate(null, options);
        if (validity.Failed)
        {
            throw new OptionsValidationException(
                nameof(MusterOptions), typeof(MusterOptions), validity.Failures);
        }
        ILogger log = logger ?? NullLogger<MusterClient>.Instance;
        _core = new ClientCore(options, links, time ?? TimeProvider.System, log);
        Locks = new LockClient(_core, log);
    }

    /// <inheritdoc/>
    public ILocks Locks { get; }

    /// <inheritdoc/>
    public bool IsConnected => _core.IsConnected;

    /// <inheritdoc/>
    public Task ConnectAsync(CancellationToken cancellationToken = default) =>
        _core.ConnectAsync(cancellationToken);

    /// <summary>
    /// Waiting calls end with <see cref="ObjectDisposedException"/>, held locks report lost, and the session
    /// is closed: for an answer to that it waits 1 s at most. Idempotent.
    /// </summary>
    public ValueTask DisposeAsync() => _core.DisposeAsync();

    internal void BeginConnect() => _core.Start();
}
