using Medallion.Threading;
using Muster.Client;

namespace Muster.DistributedLock;

/// <summary>
/// A semaphore by name; each acquire takes one permit. They throw as those of <see cref="MusterLock"/>; a
/// name that is in use as a lock, or in another size, is refused.
/// </summary>
public sealed class MusterSemaphore : IDistributedSemaphore
{
    private readonly ILocks _locks;
    private readonly LockRequest _request;

    internal MusterSemaphore(ILocks locks, string name, int maxCount) =>
        (_locks, Name, MaxCount, _request) =
            (locks, name, maxCount, LockRequest.Semaphore(name, maxCount));

    /// <summary>As Muster knows it: see <see cref="MusterSynchronizationProvider"/>.</summary>
    public string Name { get; }

    /// <summary>How many hold it at once, 1 to 1,000,000.</summary>
    public int MaxCount { get; }

    /// <inheritdoc cref="IDistributedSemaphore.TryAcquireAsync"/>
    public ValueTask<MusterLockHandle?> TryAcquireAsync(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _locks.TryAsync(_request, timeout, cancellationToken);

    /// <inheritdoc cref="IDistributedSemaphore.AcquireAsync"/>
    public ValueTask<MusterLockHandle> AcquireAsync(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _locks.MustAsync(_request, timeout, cancellationToken);

    /// <inheritdoc cref="IDistributedSemaphore.TryAcquire"/>
    public MusterLockHandle? TryAcquire(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _locks.Try(_request, timeout, cancellationToken);

    /// <inheritdoc cref="IDistributedSemaphore.Acquire"/>
    public MusterLockHandle Acquire(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _locks.Must(_request, timeout, cancellationToken);

    ValueTask<IDistributedSynchronizationHandle?> IDistributedSemaphore.TryAcquireAsync(
        TimeSpan timeout, CancellationToken cancellationToken) =>
        TryAcquireAsync(timeout, cancellationToken).As<IDistributedSynchronizationHandle>();

    ValueTask<IDistributedSynchronizationHandle> IDistributedSemaphore.AcquireAsync(
        TimeSpan? timeout, CancellationToken cancellationToken) =>
        AcquireAsync(timeout, cancellationToken).AsSure<IDistributedSynchronizationHandle>();

    IDistributedSynchronizationHandle? IDistributedSemaphore.TryAcquire(
        TimeSpan timeout, CancellationToken cancellationToken) =>
        TryAcquire(timeout, cancellationToken);

    IDistributedSynchronizationHandle IDistributedSemaphore.Acquire(
        TimeSpan? timeout, CancellationToken cancellationToken) =>
        Acquire(timeout, cancellationToken);
}
