using Muster.Contracts;

namespace Muster.Lock.Machine;

/// <summary>
/// Who holds and who waits. A name is here exactly while it is in use, so a free name costs nothing. Whoever
/// takes an acquire out of it has to see who can be granted then: <see cref="Granting.Serve"/>.
/// </summary>
internal sealed class LockTable
{
    private readonly ByName<LockQueue> _queues = new();
    private readonly DeadlineSet<Acquire> _waitDeadlines = new(Acquire.ByTicket);
    private readonly DeadlineSet<LockQueue> _delays = new(
        Comparer<LockQueue>.Create((left, right) => string.CompareOrdinal(left.Name, right.Name)));

    /// <summary>Held and waiting, one of several names as often.</summary>
    public int AcquireCount { get; private set; }

    public NamespaceTable Namespaces { get; } = new();

    /// <summary>By name, ordinally.</summary>
    public IEnumerable<LockQueue> All => _queues.All;

    /// <summary>When a wait or a delay ends.</summary>
    public long? FirstDeadline
    {
        get
        {
            var (wait, delay) = (_waitDeadlines.First, _delays.First);
            return wait is null || delay < wait ? delay : wait;
        }
    }

    /// <summary>By name, ordinally: those after a name, of a prefix.</summary>
    public IEnumerable<LockQueue> After(string name, string prefix) => _queues.After(name, prefix);

    /// <summary>
    /// Each once, by the first of its names and then by token: those behind a name and a token. The holders
    /// of one name are in the order of their tokens, also where an upgrade has raised one: it was alone.
    /// </summary>
    public IEnumerable<Acquire> HoldersAfter(string name, FencingToken token)
    {
        var rest = Find(name)?.Holders.Where(holder => holder.Token > token && IsFirst(holder, name)) ?? [];
        return rest.Concat(_queues.After(name).SelectMany(queue =>
            queue.Holders.Where(holder => IsFirst(holder, queue.Name))));

        static bool IsFirst(Acquire holder, string name) => holder.Claim.Names[0] == name;
    }

    public LockQueue? Find(string name) => _queues.Find(name);

    /// <summary>It could hold all its names now, and nobody is before it in any of their queues.</summary>
    public bool CanHold(Acquire acquire) => acquire.Upgrades is { } hold
        ? Find(hold.Claim.Name) is { DelayedUntil: 0, Holders.Count: 1 }
        : acquire.Claim.Names.All(name =>
            Find(name) is not { } queue || (queue.IsNext(acquire) && queue.Admits(acquire.Claim)));

    /// <summary>A new one, or one that waited; it <see cref="CanHold"/>.</summary>
    public void Hold(Acquire acquire)
    {
        var isNew = acquire.Session.Acquires.TryAdd(acquire.Id, acquire);
        if (!isNew)
        {
            LeaveWaiting(acquire);
        }
        Take(acquire, static (queue, holder, place) => queue.Enter(holder, place));
        if (isNew)
        {
            Count(acquire, 1);
        }
    }

    public void Enqueue(Acquire acquire)
    {
        acquire.Session.Acquires.Add(acquire.Id, acquire);
        Take(acquire, static (queue, _, place) => queue.Waiters.AddLast(place));
        Count(acquire, 1);
        CountWaiting(acquire, 1);
        _waitDeadlines.Add(acquire.WaitDeadline, acquire);
    }

    /// <summary>A hold goes with its upgrade, whether that waits or is held.</summary>
    public void Remove(Acquire acquire)
    {
        if (acquire.Upgrade is { } upgrade)
        {
            Remove(upgrade);
        }
        if (acquire.IsHeld)
        {
            for (var at = 0; at < acquire.Places.Count; at++)
            {
                Find(acquire.Claim.Names[at])!.Leave(acquire, acquire.Places[at]);
            }
        }
        else
        {
            LeaveWaiting(acquire);
        }
        if (acquire.Upgrades is { } hold)
        {
            hold.Upgrade = null;
        }
        acquire.Session.Acquires.Remove(acquire.Id);
        Count(acquire, -1);
    }

    public bool TryTakeEndedWait(long now, out Acquire waiter)
    {
        if (!_waitDeadlines.TryTakeDue(now, out waiter))
        {
            return false;
        }
        Remove(waiter);
        return true;
    }

    /// <summary>Nobody is granted the name until then, or until later if that was so before.</summary>
    public LockQueue Delay(string name, int maxPermits, long until)
    {
        var queue = QueueOf(name, maxPermits);
        if (until > queue.DelayedUntil)
        {
            _delays.Remove(queue.DelayedUntil, queue);
            queue.DelayedUntil = until;
            _delays.Add(until, queue);
        }
        return queue;
    }

    public bool TryTakeEndedDelay(long now, out LockQueue queue)
    {
        if (!_delays.TryTakeDue(now, out queue))
        {
            return false;
        }
        queue.DelayedUntil = 0;
        return true;
    }

    /// <summary>Forgets a name that is in use no more.</summary>
    public void DropIfFree(LockQueue queue)
    {
        if (!queue.IsInUse)
        {
            _queues.Remove(queue.Name);
            Namespaces.Leave(queue.Namespace);
        }
    }

    /// <summary>Its places; an upgrade's is its hold.</summary>
    private void Take(Acquire acquire, Action<LockQueue, Acquire, LinkedListNode<Acquire>> enter)
    {
        if (acquire.Upgrades is { } hold)
        {
            hold.Upgrade = acquire;
            return;
        }
        var places = new LinkedListNode<Acquire>[acquire.Claim.Names.Count];
        for (var at = 0; at < places.Length; at++)
        {
            var queue = QueueOf(acquire.Claim.Names[at], acquire.Claim.MaxPermits);
            enter(queue, acquire, places[at] = new LinkedListNode<Acquire>(acquire));
        }
        acquire.Places = places;
    }

    private LockQueue QueueOf(string name, int maxPermits)
    {
        if (Find(name) is { } found)
        {
            return found;
        }
        var queue = new LockQueue(name, maxPermits, Namespaces.Enter(name));
        _queues.Add(name, queue);
        return queue;
    }

    private void LeaveWaiting(Acquire waiter)
    {
        foreach (var place in waiter.Places)
        {
            place.List!.Remove(place);
        }
        CountWaiting(waiter, -1);
        _waitDeadlines.Remove(waiter.WaitDeadline, waiter);
    }

    /// <summary>Its names are in use: it is in the table, or about to leave it.</summary>
    private void Count(Acquire acquire, int more)
    {
        AcquireCount += more * acquire.Claim.Names.Count;
        foreach (var name in acquire.Claim.Names)
        {
            Find(name)!.Namespace.Acquires += more;
        }
    }

    private void CountWaiting(Acquire acquire, int more)
    {
        foreach (var name in acquire.Claim.Names)
        {
            Find(name)!.Namespace.Waiting += more;
        }
    }
}
