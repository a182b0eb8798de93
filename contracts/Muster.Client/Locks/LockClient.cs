using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>The calls of <see cref="ILocks"/>.</summary>
internal sealed class LockClient(ClientCore core, Acquiring acquiring) : ILocks
{
    private const int MaxDeadlocks = 100;
    private readonly LockListing _listing = new(core);
    private readonly LockNamespaceCalls _namespaces = new(core);
    private readonly AcrossGroups _across = new(core, acquiring);

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
        GivenText.Check(name);
        var reply = await core.AskAsync(
            $"The description of lock {name}",
            id => new LockCommand { DescribeLock = new DescribeLock { CommandId = id, Name = name } },
            cancellationToken).ConfigureAwait(false);
        return reply.LockDescription ?? throw CallKinds.ToException(reply.LockRefused);
    }

    public async ValueTask<LockBroken> BreakAsync(
        string name, string reason, CancellationToken cancellationToken)
    {
        GivenText.Check(name);
        GivenText.Check(reason);
        var reply = await core.AskAsync($"Breaking lock {name}", id => new LockCommand
        {
            BreakLock = new BreakLock { CommandId = id, Name = name, Reason = reason },
        }, cancellationToken, result: reply => reply.LockBroken).ConfigureAwait(false);
        return reply.LockBroken ?? throw CallKinds.ToException(reply.LockRefused);
    }

    public IAsyncEnumerable<LockSummary> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        GivenText.Check(prefix);
        return _listing.ReadAsync(prefix, cancellationToken);
    }

    public async ValueTask SetNamespaceLimitsAsync(
        string name, NamespaceLimits limits, CancellationToken cancellationToken)
    {
        GivenText.Check(name);
        ArgumentNullException.ThrowIfNull(limits);
        await _namespaces.SetLimitsAsync(name, limits, first: 0, cancellationToken).ConfigureAwait(false);
    }

    public IAsyncEnumerable<NamespaceDescription> ListNamespacesAsync(CancellationToken cancellationToken) =>
        _namespaces.ReadAsync(cancellationToken);

    public async ValueTask<DeadlockReport> FindDeadlocksAsync(CancellationToken cancellationToken)
    {
        var first = await _listing.FindDeadlocksAsync(0, cancellationToken).ConfigureAwait(false);
        var others = await Task.WhenAll(Enumerable.Range(1, Math.Max(0, first.Groups - 1))
            .Select(number => _listing.FindDeadlocksAsync(number, cancellationToken))).ConfigureAwait(false);
        DeadlocksFound[] all = [first, .. others];
        return new()
        {
            Circles = DeadlockSearch.Circles(all.SelectMany(found => found.Waits), MaxDeadlocks),
            HasMoreWaits = all.Any(found => found.HasMoreWaits),
        };
    }

    public async ValueTask<LockHistoryRead> ReadHistoryAsync(
        ReadLockHistory query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        GivenText.CheckField("Name", query.Name, nameof(query));
        GivenText.CheckField("SessionId", query.SessionId, nameof(query));
        var reply = await core.AskAsync("Lock history", id => new LockCommand
        {
            ReadLockHistory = query with { CommandId = id, ReplyTo = null },
        }, cancellationToken).ConfigureAwait(false);
        return reply.LockHistoryRead ?? throw CallKinds.ToException(reply.LockRefused);
    }

    public async ValueTask<LockHistoryEntry?> ExplainLossAsync(
        ILockHandle handle, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(handle);
        var history = await ReadHistoryAsync(new ReadLockHistory
        {
            Name = handle.Name,
            FencingToken = handle.FencingTokenOf(handle.Name),
            NewestFirst = true,
            Limit = 1,
        }, cancellationToken).ConfigureAwait(false);
        return history.Entries.Count > 0 ? history.Entries[0] : null;
    }

    private async ValueTask<ILockHandle> MustAsync(
        LockRequest request, string flow, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var limit = timeout == Timeout.InfiniteTimeSpan ? null : timeout;
        return await RunAsync(request, flow, limit, cancellationToken).ConfigureAwait(false)
            ?? throw new TimeoutException($"Lock {request} is not held: not free within {timeout}.");
    }

    private Task<ILockHandle?> RunAsync(
        LockRequest request, string flow, TimeSpan? timeout, CancellationToken cancellationToken) =>
        request.Names.Count > 1 && !request.MustBeInOneGroup
            ? _across.RunAsync(request, flow, timeout, cancellationToken)
            : OneAsync(request, flow, timeout, cancellationToken);

    private async Task<ILockHandle?> OneAsync(
        LockRequest request, string flow, TimeSpan? timeout, CancellationToken cancellationToken) =>
        await acquiring.RunAsync(Claim.Of(request, flow), timeout, cancellationToken)
            .ConfigureAwait(false) is { } held
            ? new LockHandle(held)
            : null;
}
