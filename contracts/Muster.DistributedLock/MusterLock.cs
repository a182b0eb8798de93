using Medallion.Threading;
using Muster.Client;

namespace Muster.DistributedLock;

/// <summary>
/// A mutex by name; not re-entrant. Beside what the interface says each acquire may throw <see
/// cref="MusterUnknownException"/> (sent, but not answered within the client's call time-out), <see
/// cref="MusterRefusedException"/> (the name is in use as a semaphore, or a limit is reached), a <see
/// cref="TimeoutException"/> also where nothing could be sent, and <see cref="ObjectDisposedException"/>.
/// The synchronous calls block a thread for as long as they wait.
/// </summary>
public sealed class MusterLock : IDistributedLock
{
    private readonly ILocks _locks;
    private readonly LockRequest _request;

    internal MusterLock(ILocks locks, string name) =>
        (_locks, Name, _request) = (locks, name, LockRequest.Exclusive(name));

    /// <summary>As Muster knows it: see <see cref="MusterSynchronizationProvider"/>.</summary>
    public string Name { get; }

    /// <inheritdoc cref="IDistributedLock.TryAcquireAsync"/>
    public ValueTask<MusterLockHandle?> TryAcquireAsync(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _locks.TryAsync(_request, timeout, cancellationToken);

    /// <inheritdoc cref="IDistributedLock.AcquireAsync"/>
    public ValueTask<MusterLockHandle> AcquireAsync(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _locks.MustAsync(_request, timeout, cancellationToken);

    /// <inheritdoc cref="IDistributedLock.TryAcquire"/>
    public MusterLockHandle? TryAcquire(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _locks.Try(_request, timeout, cancellationToken);

    /// <inheritdoc cref="IDistributedLock.Acquire"/>
    public MusterLockHandle Acquire(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _locks.Must(_request, timeout, cancellationToken);

    ValueTask<IDistributedSynchronizationHandle?> IDistributedLock.TryAcquireAsync(
        TimeSpan timeout, CancellationToken cancellationToken) =>
        TryAcquireAsync(timeout, cancellationToken).As<IDistributedSynchronizationHandle>();

    ValueTask<IDistributedSynchronizationHandle> IDistributedLock.AcquireAsync(
        TimeSpan? timeout, CancellationToken cancellationToken) =>
        AcquireAsync(timeout, cancellationToken).AsSure<IDistributedSynchronizationHandle>();

    IDistributedSynchronizationHandle? IDistributedLock.TryAcquire(
        TimeSpan timeout, CancellationToken cancellationToken) =>
        TryAcquire(timeout, cancellationToken);

    IDistributedSynchronizationHandle IDistributedLock.Acquire(
        TimeSpan? timeout, CancellationToken cancellationToken) =>
        Acquire(timeout, cancellationToken);
}
