using Medallion.Threading;
using Muster.Client;

namespace Muster.DistributedLock;

/// <summary>
/// Muster behind every provider interface of DistributedLock.Core. Names are as they are in Muster, so that
/// both interfaces meet on one lock, unless Muster could not take them: one that is empty, has more than 256
/// bytes of UTF-8, control characters or half a character, or begins with <c>muster:</c> becomes
/// <c>safe:</c>, its readable beginning and its SHA-256 in Base64, the same in every process. A name used as
/// a semaphore cannot be a lock at the same time: <see cref="MusterRefusedException"/>. Code that hands no
/// fencing token to what it writes to sets <see cref="MusterOptions.CrashRelease"/> to false: where detectors
/// run, a living process whose connection alone breaks loses its locks otherwise before it hears of it.
/// </summary>
/// <param name="muster">
/// The process's client. It stays the caller's to dispose; its session holds all the locks.
/// </param>
public sealed class MusterSynchronizationProvider(IMuster muster)
    : IDistributedLockProvider, IDistributedUpgradeableReaderWriterLockProvider, IDistributedSemaphoreProvider
{
    private readonly IMuster _muster = muster ?? throw new ArgumentNullException(nameof(muster));

    /// <summary>A mutex. Nothing is sent before it is acquired.</summary>
    /// <param name="name">Any text, compared ordinally.</param>
    public MusterLock CreateLock(string name) => new(_muster.Locks, SafeName.Of(name));

    /// <summary>Readers and writers, with upgradeable readers. Nothing is sent before an acquire.</summary>
    /// <param name="name">Any text, compared ordinally; a mutex of that name is the same lock.</param>
    public MusterReaderWriterLock CreateReaderWriterLock(string name) =>
        new(_muster.Locks, SafeName.Of(name));

    /// <summary>A semaphore. Nothing is sent before it is acquired.</summary>
    /// <param name="name">Any text; all who use it at a time give it the same size.</param>
    /// <param name="maxCount">1 to 1,000,000; more is refused when it is acquired.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxCount"/> is less than 1.</exception>
    public MusterSemaphore CreateSemaphore(string name, int maxCount) =>
        new(_muster.Locks, SafeName.Of(name), maxCount);

    IDistributedLock IDistributedLockProvider.CreateLock(string name) => CreateLock(name);

    IDistributedReaderWriterLock IDistributedReaderWriterLockProvider.CreateReaderWriterLock(string name) =>
        CreateReaderWriterLock(name);

    IDistributedUpgradeableReaderWriterLock
        IDistributedUpgradeableReaderWriterLockProvider.CreateUpgradeableReaderWriterLock(string name) =>
        CreateReaderWriterLock(name);

    IDistributedSemaphore IDistributedSemaphoreProvider.CreateSemaphore(string name, int maxCount) =>
        CreateSemaphore(name, maxCount);
}
