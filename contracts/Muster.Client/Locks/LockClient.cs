using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>The calls of <see cref="ILocks"/>.</summary>
internal sealed class LockClient(ClientCore core, Acquiring acquiring) : ILocks
{
    public async ValueTask<ILockHandle> AcquireAsync(
        string name, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var limit = timeout == Timeout.InfiniteTimeSpan ? null : timeout;
        return await RunAsync(name, limit, cancellationToken).ConfigureAwait(false)
            ?? throw new TimeoutException($"Lock {name} is not held: not free within {timeout}.");
    }

    public ValueTask<ILockHandle?> TryAcquireAsync(
        string name, TimeSpan wait, CancellationToken cancellationToken) =>
        new(RunAsync(name, wait, cancellationToken));

    public async ValueTask<LockDescription> DescribeAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        var reply = await core.TryAskAsync(
            id => new LockCommand { DescribeLock = new DescribeLock { CommandId = id, Name = name } },
            cancellationToken).ConfigureAwait(false)
            ?? throw new TimeoutException($"Lock {name}: no description within {core.Options.CallTimeout}.");
        return reply.LockDescription ?? throw CallKinds.ToException(reply.LockRefused);
    }

    public async ValueTask<LockBroken> BreakAsync(
        string name, string reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(reason);
        var reply = await core.AskAsync($"Breaking lock {name}", id => new LockCommand
        {
            BreakLock = new BreakLock { CommandId = id, Name = name, Reason = reason },
        }, cancellationToken).ConfigureAwait(false);
        return reply.LockBroken ?? throw CallKinds.ToException(reply.LockRefused);
    }

    private async Task<ILockHandle?> RunAsync(
        string name, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        var acquire = await acquiring.RunAsync(Claim.Lock(name), timeout, cancellationToken)
            .ConfigureAwait(false);
        return acquire is null ? null : new LockHandle(acquire);
    }
}
