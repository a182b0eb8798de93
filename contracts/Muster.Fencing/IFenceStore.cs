using Muster.Contracts;

namespace Muster.Fencing;

/// <summary>
/// Keeps the greatest fencing token that was shown for each resource. A resource is whatever is written under
/// one lock: name it as you like, most simply by the lock's name. Tokens of different locks cannot be
/// compared, so all who write a resource must hold the same exclusive lock or leadership; of a semaphore or a
/// shared lock several holders are right at once, and would refuse each other.
/// </summary>
public interface IFenceStore
{
    /// <summary>
    /// Shows a token: the fence is raised to it, unless it is higher already. One step, so of two that show
    /// tokens at once the greater always wins; an equal token is the same holder's next write.
    /// </summary>
    /// <param name="resource">
    /// 1 to 512 characters without control characters or half a surrogate pair, compared ordinally.
    /// </param>
    /// <param name="token">1 to <see cref="FencingToken.MaxValue"/>.</param>
    /// <param name="cancellationToken">Gives up; the fence may have been raised.</param>
    /// <returns>The fence as it is now: <paramref name="token"/>, or the greater one before it.</returns>
    /// <exception cref="ArgumentException">No resource or token as above; nothing was done.</exception>
    ValueTask<FencingToken> RaiseAsync(
        string resource, FencingToken token, CancellationToken cancellationToken = default);
}

/// <summary>The two uses of a fence.</summary>
public static class FenceStoreExtensions
{
    /// <summary>
    /// Refuses a token that is older than the newest one. The answer is about this moment: what is written
    /// afterwards is guarded only if the store is in the same transaction, as <see cref="SqlFence"/> is.
    /// </summary>
    /// <param name="store">Whatever it throws itself goes on.</param>
    /// <param name="resource">As for <see cref="IFenceStore.RaiseAsync"/>.</param>
    /// <param name="token">As for <see cref="IFenceStore.RaiseAsync"/>.</param>
    /// <param name="cancellationToken">Gives up; the fence may have been raised.</param>
    /// <exception cref="StaleFencingTokenException">A newer token was shown before.</exception>
    /// <exception cref="ArgumentException">No such resource or token can be; nothing was done.</exception>
    public static async ValueTask GuardAsync(
        this IFenceStore store, string resource, FencingToken token,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var newest = await store.RaiseAsync(resource, token, cancellationToken).ConfigureAwait(false);
        StaleFencingTokenException.ThrowIfStale(resource, token, newest);
    }
}
