using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>
/// What a replica reads between two entries; the caller has seen to it that the state is new enough.
/// </summary>
public sealed partial class LockMachine
{
    public const int MaxDescribedHolders = 100;
    public const int MaxDescribedWaiters = 100;
    public const int MaxListedLocks = 1_000;
    public const int MaxReadHistory = 1_000;

    /// <summary>The group is founded: see <see cref="Genesis"/>.</summary>
    public bool IsInitialized => _state.Genesis is not null;

    public string ClusterId => _state.Genesis?.ClusterId ?? "";

    public string Group => _state.Genesis?.Group ?? "";

    /// <summary>Over how many groups the locks are spread; 0 until the group is founded.</summary>
    public int Groups => _state.Genesis?.Groups ?? 0;

    public LogIndex LastIndex => _state.LastIndex;

    /// <summary>The newest event's number.</summary>
    public long EventsHead => _state.Events.Head;

    public int SessionCount => _state.Sessions.Count;

    public string Kind => MachineKind;

    /// <summary>Of the events and of every answer: raised by every restoration.</summary>
    public long StreamEpoch => _state.Epoch;

    public IOutboxReader<LockEvent, LockReply> Outbox => _state.Outbox;

    /// <summary>A <see cref="LockDescription"/>, or <see cref="LockRefused"/>.</summary>
    public LockReply Describe(DescribeLock query)
    {
        if (RefuseQuery(query.CommandId, CheckLock(query.Name)) is { } refused)
        {
            return refused;
        }
        var queue = _state.Locks.Find(query.Name);
        return new()
        {
            LockDescription = new()
            {
                CommandId = query.CommandId,
                Name = query.Name,
                Holders = [.. (queue?.Holders ?? []).Take(MaxDescribedHolders).Select(DescribeHolder)],
                HolderCount = queue?.Holders.Count ?? 0,
                MaxPermits = queue?.MaxPermits ?? 0,
                Waiters = [.. WaitersOf(queue).Take(MaxDescribedWaiters).Select(DescribeWaiter)],
                WaiterCount = queue?.WaiterCount ?? 0,
                DelayedMilliseconds = queue is { DelayedUntil: > 0 } ? queue.DelayedUntil - Time : 0,
                Freshness = _state.Freshness,
            },
        };
    }

    /// <summary>A <see cref="LocksListed"/>, or <see cref="LockRefused"/>.</summary>
    public LockReply List(ListLocks query)
    {
        if (RefuseQuery(query.CommandId, LockValidation.Check(query)) is { } refused)
        {
            return refused;
        }
        var page = _state.Locks.After(query.After, query.Prefix).Take(query.Limit + 1).ToList();
        return new()
        {
            LocksListed = new()
            {
                CommandId = query.CommandId,
                Groups = Groups,
                Locks = [.. page.Take(query.Limit).Select(Summarize)],
                HasMore = page.Count > query.Limit,
                Freshness = _state.Freshness,
            },
        };
    }

    /// <summary>A <see cref="NamespacesDescribed"/>, or <see cref="LockRefused"/>.</summary>
    public LockReply DescribeNamespaces(DescribeNamespaces query)
    {
        if (RefuseQuery(query.CommandId, LockValidation.Check(query)) is { } refused)
        {
            return refused;
        }
        var page = _state.Locks.Namespaces.After(query.After).Take(query.Limit + 1).ToList();
        return new()
        {
            NamespacesDescribed = new()
            {
                CommandId = query.CommandId,
                Groups = Groups,
                Namespaces = [.. page.Take(query.Limit).Select(Describe)],
                HasMore = page.Count > query.Limit,
                Freshness = _state.Freshness,
            },
        };
    }

    /// <summary>A <see cref="DeadlocksFound"/>, or <see cref="LockRefused"/>.</summary>
    public LockReply FindDeadlocks(FindDeadlocks query) =>
        RefuseQuery(query.CommandId, wrong: null) ?? new()
        {
            DeadlocksFound = WaitGraph.Search(_state) with
            {
                CommandId = query.CommandId,
                Groups = Groups,
                Freshness = _state.Freshness,
            },
        };

    /// <summary>
    /// A <see cref="LockHistoryRead"/> with all but what the history has to say, or <see
    /// cref="LockRefused"/>.
    /// </summary>
    public LockReply OpenHistory(ReadLockHistory query) =>
        RefuseQuery(
            query.CommandId,
            LockValidation.Check(query) ?? LockPlacement.Check(_state.Genesis, query))
        ?? new()
        {
            LockHistoryRead = new()
            {
                CommandId = query.CommandId,
                Group = Group,
                Groups = Groups,
                Freshness = _state.Freshness,
            },
        };

    /// <summary>A <see cref="LeaderObserved"/>, or <see cref="LockRefused"/>.</summary>
    public LockReply Observe(ObserveLeader query)
    {
        if (RefuseQuery(query.CommandId, LockValidation.CheckElection(query.Election)) is { } refused)
        {
            return refused;
        }
        var name = LockGroups.LockOfElection(query.Election);
        if (RefuseQuery(query.CommandId, LockPlacement.CheckLock(_state.Genesis, name)) is { } misplaced)
        {
            return misplaced;
        }
        var queue = _state.Locks.Find(name);
        return new()
        {
            LeaderObserved = new()
            {
                CommandId = query.CommandId,
                Election = query.Election,
                Leader = queue?.Holders.First is { } leader ? Elections.LeaderOf(leader.Value) : null,
                Candidates = queue?.Waiters.Count ?? 0,
                Freshness = _state.Freshness,
            },
        };
    }

    private Refusal? CheckLock(string name) =>
        LockValidation.CheckName(name) ?? LockPlacement.CheckLock(_state.Genesis, name);

    private LockReply? RefuseQuery(string commandId, Refusal? wrong)
    {
        wrong ??= IsInitialized ? null : new(LockRefusal.NotReady, "The lock group is not founded yet.");
        return wrong is not { } refusal ? null : new()
        {
            LockRefused = new()
            {
                CommandId = commandId,
                Reason = refusal.Reason,
                Message = refusal.Message,
                Groups = refusal.Reason == LockRefusal.WrongGroup ? Groups : 0,
                Freshness = _state.Freshness,
            },
        };
    }

    private NamespaceDescription Describe(LockNamespace one) => new()
    {
        Namespace = one.Name,
        GroupNumber = _state.Genesis!.Number,
        Limits = one.Limits,
        Use = one.Use,
    };

    private LockSummary Summarize(LockQueue queue) => new()
    {
        Name = queue.Name,
        Holder = queue.Holders.First is { } first ? DescribeHolder(first.Value) : null,
        HolderCount = queue.Holders.Count,
        WaiterCount = queue.WaiterCount,
        MaxPermits = queue.MaxPermits,
    };

    /// <summary>An upgrade goes before all others.</summary>
    private static IEnumerable<Acquire> WaitersOf(LockQueue? queue) =>
        queue is null ? [] : queue.PendingUpgrade is { } first ? queue.Waiters.Prepend(first) : queue.Waiters;

    private LockHolder DescribeHolder(Acquire holder) => new()
    {
        SessionId = holder.Session.Id,
        Owner = holder.Session.Owner,
        AcquireId = holder.Id,
        FencingToken = holder.Token,
        Mode = holder.Mode,
        Permits = holder.Claim.Permits,
        HeldMilliseconds = Time - holder.Since,
    };

    private LockWaiter DescribeWaiter(Acquire waiter) => new()
    {
        SessionId = waiter.Session.Id,
        Owner = waiter.Session.Owner,
        AcquireId = waiter.Id,
        Mode = waiter.Claim.Mode,
        Permits = waiter.Claim.Permits,
        IsUpgrade = waiter.Upgrades is not null,
        WaitedMilliseconds = Time - waiter.Since,
    };
}
