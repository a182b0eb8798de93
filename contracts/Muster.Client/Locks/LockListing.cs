using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>Queries that every lock group is asked.</summary>
internal sealed class LockListing(ClientCore core)
{
    private const int PageSize = 500;

    public IAsyncEnumerable<LockSummary> ReadAsync(string prefix, CancellationToken cancellationToken) =>
        new GroupPages<LockSummary>(
            summary => summary.Name,
            (group, after, cancellation) => PageAsync(group, prefix, after?.Name ?? "", cancellation))
            .ReadAsync(cancellationToken);

    public async Task<DeadlocksFound> FindDeadlocksAsync(int group, CancellationToken cancellationToken)
    {
        var reply = await core.AskAsync("Deadlocks", id => new LockCommand
        {
            FindDeadlocks = new FindDeadlocks { CommandId = id, GroupNumber = group },
        }, cancellationToken).ConfigureAwait(false);
        return reply.DeadlocksFound ?? throw CallKinds.ToException(reply.LockRefused);
    }

    private async Task<GroupPage<LockSummary>> PageAsync(
        int group, string prefix, string after, CancellationToken cancellationToken)
    {
        var reply = await core.AskAsync("Listing locks", id => new LockCommand
        {
            ListLocks = new ListLocks
            {
                CommandId = id,
                GroupNumber = group,
                Prefix = prefix,
                After = after,
                Limit = PageSize,
            },
        }, cancellationToken).ConfigureAwait(false);
        var page = reply.LocksListed ?? throw CallKinds.ToException(reply.LockRefused);
        return new(page.Locks, page.HasMore, page.Groups);
    }
}
