using System.Runtime.CompilerServices;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>The calls of <see cref="ILocks"/>.</summary>
internal sealed class LockClient(ClientCore core, Acquiring acquiring) : ILocks
{
    private const int PageSize = 500;
    private const int MaxDeadlocks = 100;

    public ValueTask<ILockHandle> AcquireAsync(
        string name, TimeSpan? timeout, CancellationToken cancellationToken) =>
        AcquireAsync(LockRequest.Exclusive(name), timeout, cancellationToken);

    public ValueTask<ILockHandle?> TryAcquireAsync(
        string name, TimeSpan wait, CancellationToken cancellationToken) =>
        TryAcquireAsync(LockRequest.Exclusive(name), wait, cancellationToken);

    public ValueTask<ILockHandle> AcquireAsync(
        LockRequest request, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return MustAsync(request, LockFlow.Current, timeout, cancellationToken);
    }

    public ValueTask<ILockHandle?> TryAcquireAsync(
        LockRequest request, TimeSpan wait, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(RunAsync(request, LockFlow.Current, wait, cancellationToken));
    }

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

    public async IAsyncEnumerable<LockSummary> ListAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var after = "";
        while (true)
        {
            var page = await ListAsync(prefix, after, cancellationToken).ConfigureAwait(false);
            foreach (var one in page.Locks)
            {
                yield return one;
                after = one.Name;
            }
            if (!page.HasMore)
            {
                yield break;
            }
        }
    }

    public async ValueTask<IReadOnlyList<Deadlock>> FindDeadlocksAsync(CancellationToken cancellationToken)
    {
        var reply = await core.AskAsync(
            "Deadlocks", id => new LockCommand { FindDeadlocks = new FindDeadlocks { CommandId = id } },
            cancellationToken).ConfigureAwait(false);
        var found = reply.DeadlocksFound ?? throw CallKinds.ToException(reply.LockRefused);
        return DeadlockSearch.Circles(found.Waits, MaxDeadlocks);
    }

    private async Task<LocksListed> ListAsync(
        string prefix, string after, CancellationToken cancellationToken)
    {
        var reply = await core.AskAsync("Listing locks", id => new LockCommand
        {
            ListLocks = new ListLocks { CommandId = id, Prefix = prefix, After = after, Limit = PageSize },
        }, cancellationToken).ConfigureAwait(false);
        return reply.LocksListed ?? throw CallKinds.ToException(reply.LockRefused);
    }

    private async ValueTask<ILockHandle> MustAsync(
        LockRequest request, string flow, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var limit = timeout == Timeout.InfiniteTimeSpan ? null : timeout;
        return await RunAsync(request, flow, limit, cancellationToken).ConfigureAwait(false)
            ?? throw new TimeoutException($"Lock {request} is not held: not free within {timeout}.");
    }

    private async Task<ILockHandle?> RunAsync(
        LockRequest request, string flow, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var acquire = await acquiring.RunAsync(Claim.Of(request, flow), timeout, cancellationToken)
            .ConfigureAwait(false);
        return acquire is null ? null : new LockHandle(acquire);
    }
}
