namespace Muster.Lock.Machine;

/// <summary>
/// Who holds and who waits. A name is here exactly while it is held, so a free name costs nothing and nobody
/// ever waits for a free lock.
/// </summary>
internal sealed class LockTable
{
    private readonly SortedDictionary<string, LockQueue> _queues = new(StringComparer.Ordinal);
    private readonly DeadlineSet<Acquire> _waitDeadlines = new(Acquire.ByTicket);

    /// <summary>Held and waiting.</summary>
    public int AcquireCount { get; private set; }

    /// <summary>By name, ordinally.</summary>
    public IEnumerable<LockQueue> All => _queues.Values;

    public long? FirstWaitDeadline => _waitDeadlines.First;

    public LockQueue? Find(string name) => _queues.GetValueOrDefault(name);

    /// <summary>A free name gets its holder.</summary>
    public void Hold(Acquire acquire)
    {
        _queues.Add(acquire.Name, new LockQueue(acquire));
        Register(acquire);
    }

    public void Enqueue(Acquire acquire)
    {
        acquire.Place = _queues[acquire.Name].Waiters.AddLast(acquire);
        _waitDeadlines.Add(acquire.WaitDeadline, acquire);
        Register(acquire);
    }

    public void RemoveWaiter(Acquire waiter)
    {
        LeaveQueue(waiter);
        Unregister(waiter);
    }

    /// <summary>
    /// The holder goes and the first waiter stands in its place, without a token yet; null leaves the name
    /// free.
    /// </summary>
    public Acquire? Vacate(Acquire holder)
    {
        Unregister(holder);
        var queue = _queues[holder.Name];
        var next = queue.Waiters.First?.Value;
        if (next is null)
        {
            _queues.Remove(holder.Name);
            return null;
        }
        LeaveQueue(next);
        queue.Holder = next;
        return next;
    }

    public bool TryTakeEndedWait(long now, out Acquire waiter)
    {
        if (!_waitDeadlines.TryTakeDue(now, out waiter))
        {
            return false;
        }
        RemoveWaiter(waiter);
        return true;
    }

    private void LeaveQueue(Acquire waiter)
    {
        var place = waiter.Place
            ?? throw new InvalidOperationException($"Acquire {waiter.Id} does not wait.");
        place.List!.Remove(place);
        waiter.Place = null;
        _waitDeadlines.Remove(waiter.WaitDeadline, waiter);
    }

    private void Register(Acquire acquire)
    {
        acquire.Session.Acquires.Add(acquire.Id, acquire);
        AcquireCount++;
    }

    private void Unregister(Acquire acquire)
    {
        acquire.Session.Acquires.Remove(acquire.Id);
        AcquireCount--;
    }
}
