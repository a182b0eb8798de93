using Muster.Client;

namespace Muster.DistributedLock;

/// <summary>The four ways in which DistributedLock acquires, over one request.</summary>
internal static class Acquirer
{
    public static ValueTask<MusterLockHandle?> TryAsync(
        this ILocks locks, LockRequest request, TimeSpan timeout, CancellationToken cancellationToken) =>
        HandleOf(Timeouts.IsInfinite(timeout)
            ? NullableAsync(locks.AcquireAsync(request, null, cancellationToken))
            : locks.TryAcquireAsync(request, Timeouts.Of(timeout), cancellationToken));

    public static ValueTask<MusterLockHandle> MustAsync(
        this ILocks locks, LockRequest request, TimeSpan? timeout, CancellationToken cancellationToken) =>
        SureHandleOf(locks.AcquireAsync(request, Timeouts.Of(timeout), cancellationToken));

    public static MusterLockHandle? Try(
        this ILocks locks, LockRequest request, TimeSpan timeout, CancellationToken cancellationToken) =>
        locks.TryAsync(request, timeout, cancellationToken).AsTask().GetAwaiter().GetResult();

    public static MusterLockHandle Must(
        this ILocks locks, LockRequest request, TimeSpan? timeout, CancellationToken cancellationToken) =>
        locks.MustAsync(request, timeout, cancellationToken).AsTask().GetAwaiter().GetResult();

    /// <summary>As the interfaces, which know no more of a handle, have it.</summary>
    public static async ValueTask<THandle?> As<THandle>(this ValueTask<MusterLockHandle?> handle)
        where THandle : class => (THandle?)(object?)await handle.ConfigureAwait(false);

    /// <inheritdoc cref="As{THandle}(ValueTask{MusterLockHandle?})"/>
    public static async ValueTask<THandle> AsSure<THandle>(this ValueTask<MusterLockHandle> handle)
        where THandle : class => (THandle)(object)await handle.ConfigureAwait(false);

    private static async ValueTask<MusterLockHandle?> HandleOf(ValueTask<ILockHandle?> held) =>
        await held.ConfigureAwait(false) is { } handle ? new MusterLockHandle(handle) : null;

    private static async ValueTask<MusterLockHandle> SureHandleOf(ValueTask<ILockHandle> held) =>
        new(await held.ConfigureAwait(false));

    private static async ValueTask<ILockHandle?> NullableAsync(ValueTask<ILockHandle> held) =>
        await held.ConfigureAwait(false);
}
