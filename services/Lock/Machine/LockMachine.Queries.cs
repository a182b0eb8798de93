using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>
/// What a replica reads between two entries; the caller has seen to it that the state is new enough.
/// </summary>
public sealed partial class LockMachine
{
    public const int MaxDescribedWaiters = 100;
    public const int MaxReadEvents = 1_000;

    /// <summary>The group is founded: see <see cref="Genesis"/>.</summary>
    public bool IsInitialized => _state.Genesis is not null;

    public string ClusterId => _state.Genesis?.ClusterId ?? "";

    public string Group => _state.Genesis?.Group ?? "";

    public LogIndex LastIndex => _state.LastIndex;

    /// <summary>The newest event's number.</summary>
    public long EventsHead => _state.Events.Head;

    public int SessionCount => _state.Sessions.Count;

    /// <summary>The replica that publishes the outbox; empty until the first claim.</summary>
    public string OutboxOwner => _state.Outbox.Owner;

    public long OutboxEpoch => _state.Outbox.Epoch;

    public int OutboxCount => _state.Outbox.Count;

    public long OutboxPublishedUpTo => _state.Outbox.PublishedUpTo;

    public long OutboxLastNumber => _state.Outbox.LastNumber;

    /// <summary>Unpublished items from this number on, in order.</summary>
    public IReadOnlyList<OutboxItem> ReadOutbox(long fromNumber, int most) =>
        _state.Outbox.From(fromNumber, most);

    /// <summary>A <see cref="LockDescription"/>, or <see cref="LockRefused"/>.</summary>
    public LockReply Describe(DescribeLock query)
    {
        var refusal = LockValidation.CheckName(query.Name);
        if (refusal is null && !IsInitialized)
        {
            refusal = new(LockRefusal.NotReady, "The lock group is not founded yet.");
        }
        if (refusal is { } wrong)
        {
            return new()
            {
                LockRefused = new()
                {
                    CommandId = query.CommandId,
                    Reason = wrong.Reason,
                    Message = wrong.Message,
                    Freshness = _state.Freshness,
                },
            };
        }
        var queue = _state.Locks.Find(query.Name);
        return new()
        {
            LockDescription = new()
            {
                CommandId = query.CommandId,
                Name = query.Name,
                Holder = queue is null ? null : DescribeHolder(queue.Holder),
                Waiters = [.. (queue?.Waiters ?? []).Take(MaxDescribedWaiters).Select(DescribeWaiter)],
                WaiterCount = queue?.Waiters.Count ?? 0,
                Freshness = _state.Freshness,
            },
        };
    }

    /// <summary>Events from a number on, or every held lock when that number is no longer kept.</summary>
    public LockEventsRead ReadEvents(ReadLockEvents query)
    {
        var isFullView = query.FromNumber < _state.Events.First;
        return new()
        {
            CommandId = query.CommandId,
            Group = Group,
            Head = _state.Events.Head,
            Events = isFullView ? [] : _state.Events.From(query.FromNumber, MaxReadEvents),
            IsFullView = isFullView,
            Held = isFullView ? [.. _state.Locks.All.Select(queue => DescribeGrant(queue.Holder))] : [],
            Freshness = _state.Freshness,
        };
    }

    private LockHolder DescribeHolder(Acquire holder) => new()
    {
        SessionId = holder.Session.Id,
        Owner = holder.Session.Owner,
        AcquireId = holder.Id,
        FencingToken = holder.Token,
        HeldMilliseconds = Time - holder.Since,
    };

    private LockWaiter DescribeWaiter(Acquire waiter) => new()
    {
        SessionId = waiter.Session.Id,
        Owner = waiter.Session.Owner,
        AcquireId = waiter.Id,
        WaitedMilliseconds = Time - waiter.Since,
    };

    private LockGranted DescribeGrant(Acquire holder) => new()
    {
        CommandId = holder.Id,
        SessionId = holder.Session.Id,
        Owner = holder.Session.Owner,
        Name = holder.Name,
        FencingToken = holder.Token,
        Freshness = _state.Freshness,
    };
}
