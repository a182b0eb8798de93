using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>
/// Who waits for whom: a waiter for each holder that excludes it, and for who is right before it in the
/// queue, since nobody is granted out of turn. Of a semaphore's holders any one may make room, so they count
/// only where there is one. Found in it: circles of those who wait.
/// </summary>
internal static class WaitGraph
{
    public const int MaxDeadlocks = 100;
    public const int MaxWaits = 10_000;

    public static DeadlocksFound Search(LockState state)
    {
        var waits = state.Locks.All.SelectMany(WaitsOf).Take(MaxWaits + 1).ToList();
        var hasMore = waits.Count > MaxWaits;
        var listed = hasMore ? waits.GetRange(0, MaxWaits) : waits;
        return new()
        {
            Deadlocks = DeadlockSearch.Circles(listed, MaxDeadlocks),
            Waits = listed,
            HasMoreWaits = hasMore,
        };
    }

    private static IEnumerable<LockWait> WaitsOf(LockQueue queue)
    {
        if (queue.PendingUpgrade is { } upgrade)
        {
            foreach (var holder in queue.Holders.Where(holder => holder != upgrade.Upgrades))
            {
                yield return Wait(queue, upgrade, holder);
            }
        }
        var before = queue.PendingUpgrade;
        foreach (var waiter in queue.Waiters)
        {
            foreach (var holder in queue.Excluding(waiter.Claim))
            {
                yield return Wait(queue, waiter, holder);
            }
            if (before is not null)
            {
                yield return Wait(queue, waiter, before);
            }
            before = waiter;
        }
    }

    private static LockWait Wait(LockQueue queue, Acquire waiter, Acquire blocker) => new()
    {
        Name = queue.Name,
        Waiter = PartyOf(waiter),
        Blocker = PartyOf(blocker),
        IsHeld = blocker.IsHeld,
    };

    /// <summary>
    /// A campaign is a flow of its own: who leads one election and stands for another waits with neither for
    /// the other.
    /// </summary>
    private static LockParty PartyOf(Acquire acquire) => new()
    {
        SessionId = acquire.Session.Id,
        Flow = acquire.Claim.Value is null ? acquire.Claim.Flow : acquire.Id,
        Owner = acquire.Session.Owner,
        AcquireId = acquire.Id,
    };
}
