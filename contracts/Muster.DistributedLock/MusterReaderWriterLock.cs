using Medallion.Threading;
using Muster.Client;

namespace Muster.DistributedLock;

/// <summary>
/// Readers and writers by name, first come first served: a writer that waits stops later readers. Acquires
/// throw as those of <see cref="MusterLock"/>.
/// </summary>
public sealed class MusterReaderWriterLock : IDistributedUpgradeableReaderWriterLock
{
    private readonly ILocks _locks;
    private readonly LockRequest _read;
    private readonly LockRequest _upgradeable;
    private readonly LockRequest _write;

    internal MusterReaderWriterLock(ILocks locks, string name)
    {
        (_locks, Name) = (locks, name);
        (_read, _upgradeable, _write) =
            (LockRequest.Shared(name), LockRequest.Upgradeable(name), LockRequest.Exclusive(name));
    }

    /// <summary>As Muster knows it: see <see cref="MusterSynchronizationProvider"/>.</summary>
    public string Name { get; }

    /// <inheritdoc cref="IDistributedReaderWriterLock.TryAcquireReadLockAsync"/>
    public ValueTask<MusterLockHandle?> TryAcquireReadLockAsync(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _locks.TryAsync(_read, timeout, cancellationToken);

    /// <inheritdoc cref="IDistributedReaderWriterLock.AcquireReadLockAsync"/>
    public ValueTask<MusterLockHandle> AcquireReadLockAsync(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _locks.MustAsync(_read, timeout, cancellationToken);

    /// <inheritdoc cref="IDistributedReaderWriterLock.TryAcquireReadLock"/>
    public MusterLockHandle? TryAcquireReadLock(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _locks.Try(_read, timeout, cancellationToken);

    /// <inheritdoc cref="IDistributedReaderWriterLock.AcquireReadLock"/>
    public MusterLockHandle AcquireReadLock(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _locks.Must(_read, timeout, cancellationToken);

    ValueTask<IDistributedSynchronizationHandle?> IDistributedReaderWriterLock.TryAcquireReadLockAsync(
        TimeSpan timeout, CancellationToken cancellationToken) =>
        TryAcquireReadLockAsync(timeout, cancellationToken).As<IDistributedSynchronizationHandle>();

    ValueTask<IDistributedSynchronizationHandle> IDistributedReaderWriterLock.AcquireReadLockAsync(
        TimeSpan? timeout, CancellationToken cancellationToken) =>
        AcquireReadLockAsync(timeout, cancellationToken).AsSure<IDistributedSynchronizationHandle>();

    IDistributedSynchronizationHandle? IDistributedReaderWriterLock.TryAcquireReadLock(
        TimeSpan timeout, CancellationToken cancellationToken) =>
        TryAcquireReadLock(timeout, cancellationToken);

    IDistributedSynchronizationHandle IDistributedReaderWriterLock.AcquireReadLock(
        TimeSpan? timeout, CancellationToken cancellationToken) =>
        AcquireReadLock(timeout, cancellationToken);

    /// <inheritdoc cref="IDistributedReaderWriterLock.TryAcquireWriteLockAsync"/>
    public ValueTask<MusterLockHandle?> TryAcquireWriteLockAsync(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _locks.TryAsync(_write, timeout, cancellationToken);

    /// <inheritdoc cref="IDistributedReaderWriterLock.AcquireWriteLockAsync"/>
    public ValueTask<MusterLockHandle> AcquireWriteLockAsync(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _locks.MustAsync(_write, timeout, cancellationToken);

    /// <inheritdoc cref="IDistributedReaderWriterLock.TryAcquireWriteLock"/>
    public MusterLockHandle? TryAcquireWriteLock(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _locks.Try(_write, timeout, cancellationToken);

    /// <inheritdoc cref="IDistributedReaderWriterLock.AcquireWriteLock"/>
    public MusterLockHandle AcquireWriteLock(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _locks.Must(_write, timeout, cancellationToken);

    ValueTask<IDistributedSynchronizationHandle?> IDistributedReaderWriterLock.TryAcquireWriteLockAsync(
        TimeSpan timeout, CancellationToken cancellationToken) =>
        TryAcquireWriteLockAsync(timeout, cancellationToken).As<IDistributedSynchronizationHandle>();

    ValueTask<IDistributedSynchronizationHandle> IDistributedReaderWriterLock.AcquireWriteLockAsync(
        TimeSpan? timeout, CancellationToken cancellationToken) =>
        AcquireWriteLockAsync(timeout, cancellationToken).AsSure<IDistributedSynchronizationHandle>();

    IDistributedSynchronizationHandle? IDistributedReaderWriterLock.TryAcquireWriteLock(
        TimeSpan timeout, CancellationToken cancellationToken) =>
        TryAcquireWriteLock(timeout, cancellationToken);

    IDistributedSynchronizationHandle IDistributedReaderWriterLock.AcquireWriteLock(
        TimeSpan? timeout, CancellationToken cancellationToken) =>
        AcquireWriteLock(timeout, cancellationToken);

    /// <inheritdoc cref="IDistributedUpgradeableReaderWriterLock.TryAcquireUpgradeableReadLockAsync"/>
    public ValueTask<MusterLockHandle?> TryAcquireUpgradeableReadLockAsync(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _locks.TryAsync(_upgradeable, timeout, cancellationToken);

    /// <inheritdoc cref="IDistributedUpgradeableReaderWriterLock.AcquireUpgradeableReadLockAsync"/>
    public ValueTask<MusterLockHandle> AcquireUpgradeableReadLockAsync(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _locks.MustAsync(_upgradeable, timeout, cancellationToken);

    /// <inheritdoc cref="IDistributedUpgradeableReaderWriterLock.TryAcquireUpgradeableReadLock"/>
    public MusterLockHandle? TryAcquireUpgradeableReadLock(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        _locks.Try(_upgradeable, timeout, cancellationToken);

    /// <inheritdoc cref="IDistributedUpgradeableReaderWriterLock.AcquireUpgradeableReadLock"/>
    public MusterLockHandle AcquireUpgradeableReadLock(
        TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _locks.Must(_upgradeable, timeout, cancellationToken);

    ValueTask<IDistributedLockUpgradeableHandle?>
        IDistributedUpgradeableReaderWriterLock.TryAcquireUpgradeableReadLockAsync(
            TimeSpan timeout, CancellationToken cancellationToken) =>
        TryAcquireUpgradeableReadLockAsync(timeout, cancellationToken)
            .As<IDistributedLockUpgradeableHandle>();

    ValueTask<IDistributedLockUpgradeableHandle>
        IDistributedUpgradeableReaderWriterLock.AcquireUpgradeableReadLockAsync(
            TimeSpan? timeout, CancellationToken cancellationToken) =>
        AcquireUpgradeableReadLockAsync(timeout, cancellationToken)
            .AsSure<IDistributedLockUpgradeableHandle>();

    IDistributedLockUpgradeableHandle?
        IDistributedUpgradeableReaderWriterLock.TryAcquireUpgradeableReadLock(
            TimeSpan timeout, CancellationToken cancellationToken) =>
        TryAcquireUpgradeableReadLock(timeout, cancellationToken);

    IDistributedLockUpgradeableHandle
        IDistributedUpgradeableReaderWriterLock.AcquireUpgradeableReadLock(
            TimeSpan? timeout, CancellationToken cancellationToken) =>
        AcquireUpgradeableReadLock(timeout, cancellationToken);
}
