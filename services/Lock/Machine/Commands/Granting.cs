using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>The only writer of tokens, and the only one that makes an acquire a holder.</summary>
internal static class Granting
{
    /// <summary>The lock was free: the command's own answer is the grant, the event goes out alone.</summary>
    public static LockReply GrantAtOnce(Step step, Acquire acquire)
    {
        var granted = Grant(step, acquire);
        acquire.Reply = new LockReply { LockGranted = granted };
        step.Publish(granted.Event!, new LockEvent { LockGranted = granted });
        Elections.AnnounceLeader(step, acquire);
        return acquire.Reply;
    }

    /// <summary>
    /// Somebody left these names, a hold or a queue: who can hold now is granted in the same entry, so that
    /// no gap lets anybody in between. A grant of several names may free the way in other queues.
    /// </summary>
    public static void Serve(Step step, IEnumerable<string> names)
    {
        var open = new SortedSet<string>(names, StringComparer.Ordinal);
        while (open.Min is { } name)
        {
            open.Remove(name);
            if (step.State.Locks.Find(name) is not { } queue)
            {
                continue;
            }
            while (Next(step.State, queue) is { } next)
            {
                GrantWaiter(step, next);
                open.UnionWith(next.Claim.Names);
            }
            open.Remove(name);
            step.State.Locks.DropIfFree(queue);
        }
    }

    /// <summary>
    /// The answer that an acquire's copies get as long as it holds: in its present mode, under its present
    /// token.
    /// </summary>
    public static LockGranted Describe(LockState state, Acquire holder) => new()
    {
        CommandId = holder.Id,
        AcquireId = holder.Upgrades?.Id,
        SessionId = holder.Session.Id,
        Owner = holder.Session.Owner,
        Name = holder.Claim.Name,
        Names = holder.Claim.Several,
        Mode = holder.Mode,
        Permits = holder.Claim.Permits,
        FencingToken = holder.Token,
        TakeoverMilliseconds = state.TakeoverOf(holder.Session).TotalMilliseconds,
        Freshness = state.Freshness,
    };

    /// <summary>Who waits for this name and could be granted now; null: nobody.</summary>
    public static Acquire? Next(LockState state, LockQueue queue)
    {
        var next = queue.PendingUpgrade ?? queue.Waiters.First?.Value;
        return next is not null && state.Locks.CanHold(next) ? next : null;
    }

    private static void GrantWaiter(Step step, Acquire waiter)
    {
        var granted = Grant(step, waiter);
        var reply = new LockReply { LockGranted = granted };
        ExactlyOnce.Replace(step, waiter, reply);
        step.Publish(granted.Event!, new LockEvent { LockGranted = granted }, waiter, reply);
        Elections.AnnounceLeader(step, waiter);
    }

    private static LockGranted Grant(Step step, Acquire acquire)
    {
        step.State.Locks.Hold(acquire);
        acquire.Token = step.State.NextToken();
        Facts.Granted(step, acquire);
        acquire.Since = step.Now;
        if (acquire.Upgrades is { } hold)
        {
            hold.Token = acquire.Token;
            ExactlyOnce.Replace(step, hold, new() { LockGranted = Describe(step.State, hold) });
        }
        return Describe(step.State, acquire) with { Event = step.NextEvent() };
    }
}
