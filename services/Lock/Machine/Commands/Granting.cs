using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>
/// The only writer of tokens: a name goes to an acquire that the table already made its holder.
/// </summary>
internal static class Granting
{
    /// <summary>The lock was free: the command's own answer is the grant, the event goes out alone.</summary>
    public static LockReply GrantAtOnce(Step step, Acquire acquire)
    {
        var granted = Grant(step, acquire);
        acquire.Reply = new LockReply { LockGranted = granted };
        step.Publish(granted.Event!, new LockEvent { LockGranted = granted });
        Elections.Announce(step, acquire.Name, acquire);
        return acquire.Reply;
    }

    /// <summary>
    /// The holder is gone; the next waiter is granted in the same entry, so no gap lets anybody in between.
    /// </summary>
    public static void PassOn(Step step, Acquire holder)
    {
        var next = step.State.Locks.Vacate(holder);
        if (next is null)
        {
            Elections.Announce(step, holder.Name, leader: null);
            return;
        }
        var granted = Grant(step, next);
        var reply = new LockReply { LockGranted = granted };
        ExactlyOnce.Replace(step, next, reply);
        step.Publish(granted.Event!, new LockEvent { LockGranted = granted }, next, reply);
        Elections.Announce(step, next.Name, next);
    }

    private static LockGranted Grant(Step step, Acquire acquire)
    {
        acquire.Token = step.State.NextToken();
        acquire.Since = step.Now;
        return new LockGranted
        {
            CommandId = acquire.Id,
            SessionId = acquire.Session.Id,
            Owner = acquire.Session.Owner,
            Name = acquire.Name,
            FencingToken = acquire.Token,
            Event = step.NextEvent(),
            Freshness = step.State.Freshness,
        };
    }
}
