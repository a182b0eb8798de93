using System.Runtime.CompilerServices;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>Queries that every lock group is asked.</summary>
internal sealed class LockListing(ClientCore core)
{
    private const int PageSize = 500;

    /// <summary>The names of all groups in one order: each group's come in that order.</summary>
    public async IAsyncEnumerable<LockSummary> ReadAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var first = await PageAsync(0, prefix, "", cancellationToken).ConfigureAwait(false);
        var pages = new LocksListed[Math.Max(1, first.Groups)];
        var next = new PriorityQueue<(int Group, int Place), string>(StringComparer.Ordinal);
        for (var group = 0; group < pages.Length; group++)
        {
            await TurnAsync(group, "").ConfigureAwait(false);
        }
        while (next.TryDequeue(out var at, out var name))
        {
            yield return pages[at.Group].Locks[at.Place];
            if (at.Place + 1 < pages[at.Group].Locks.Count)
            {
                Offer(at.Group, at.Place + 1);
            }
            else if (pages[at.Group].HasMore)
            {
                await TurnAsync(at.Group, name).ConfigureAwait(false);
            }
        }

        async Task TurnAsync(int group, string after)
        {
            pages[group] = group == 0 && after.Length == 0
                ? first
                : await PageAsync(group, prefix, after, cancellationToken).ConfigureAwait(false);
            if (pages[group].Locks.Count > 0)
            {
                Offer(group, 0);
            }
        }

        void Offer(int group, int place) => next.Enqueue((group, place), pages[group].Locks[place].Name);
    }

    public async Task<DeadlocksFound> FindDeadlocksAsync(int group, CancellationToken cancellationToken)
    {
        var reply = await core.AskAsync("Deadlocks", id => new LockCommand
        {
            FindDeadlocks = new FindDeadlocks { CommandId = id, GroupNumber = group },
        }, cancellationToken).ConfigureAwait(false);
        return reply.DeadlocksFound ?? throw CallKinds.ToException(reply.LockRefused);
    }

    private async Task<LocksListed> PageAsync(
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
        return reply.LocksListed ?? throw CallKinds.ToException(reply.LockRefused);
    }
}
