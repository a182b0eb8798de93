using Medallion.Threading;
using Muster.Client;
using Muster.Contracts;

namespace Muster.DistributedLock;

/// <summary>
/// What is held until it is disposed or lost. One that nobody has any more, without having disposed of it, is
/// given back once the garbage collector finds it.
/// </summary>
public sealed class MusterLockHandle : IDistributedLockUpgradeableHandle
{
    private readonly ILockHandle _held;
    private volatile bool _isDisposed;

    internal MusterLockHandle(ILockHandle held) => _held = held;

    /// <summary>
    /// The client renews what it holds for as long as it lives, so an acquire whose caller was gone when it
    /// was granted would hold its lock until the process ends.
    /// </summary>
    ~MusterLockHandle()
    {
        var held = _held;
        _ = Task.Run(() => held.DisposeAsync().AsTask());
    }

    /// <summary>
    /// Cancelled once the lock is lost. That it was not renewed in time fires it before the service grants it
    /// to another, by this machine's clocks; that it was broken, or that this process was held for crashed
    /// while its connection alone was gone (<see cref="MusterOptions.CrashRelease"/>, true by default), only
    /// after that: see <see cref="ILockHandle.Lost"/>.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The handle is disposed.</exception>
    public CancellationToken HandleLostToken
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _held.Lost; // looks at the clock
        }
    }

    /// <summary>
    /// Above that of every earlier holder of the name: what the lock protects refuses smaller ones. A new one
    /// after an upgrade.
    /// </summary>
    public FencingToken FencingToken => _held.FencingToken;

    /// <summary>Muster's own handle, for as long as this one is kept.</summary>
    public ILockHandle Held => _held;

    /// <inheritdoc/>
    public ValueTask<bool> TryUpgradeToWriteLockAsync(
        TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Timeouts.IsInfinite(timeout)
            ? UpgradedAsync(cancellationToken)
            : _held.TryUpgradeAsync(Timeouts.Of(timeout), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask UpgradeToWriteLockAsync(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _held.UpgradeAsync(Timeouts.Of(timeout), cancellationToken);
    }

    /// <inheritdoc/>
    public bool TryUpgradeToWriteLock(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        TryUpgradeToWriteLockAsync(timeout, cancellationToken).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public void UpgradeToWriteLock(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        UpgradeToWriteLockAsync(timeout, cancellationToken).AsTask().GetAwaiter().GetResult();

    /// <summary>
    /// Gives the lock back; waits for the service's answer, at most for the client's call time-out.
    /// Idempotent; throws nothing.
    /// </summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _isDisposed = true;
        return _held.DisposeAsync();
    }

    private async ValueTask<bool> UpgradedAsync(CancellationToken cancellationToken)
    {
        await _held.UpgradeAsync(null, cancellationToken).ConfigureAwait(false);
        return true;
    }
}
