using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

internal enum SessionEnd
{
    Closed,
    Expired,
}

/// <summary>What ends by itself when time moves on, and what goes with a session.</summary>
internal static class Endings
{
    /// <summary>
    /// Sessions before waits: a waiter whose lock comes free in the instant in which its wait ends is
    /// granted. Sessions one by one: a lock that passes to a session which expires in the same entry passes
    /// on again, under a token of its own.
    /// </summary>
    public static void EndWhatIsDue(Step step)
    {
        while (step.State.Sessions.TryTakeExpired(step.Now, out var session))
        {
            EndSession(step, session, SessionEnd.Expired);
        }
        while (step.State.Locks.TryTakeEndedWait(step.Now, out var waiter))
        {
            Refuse(step, waiter, LockRefusal.LockBusy, $"{waiter.Name} did not come free within the wait.");
        }
    }

    /// <summary>
    /// The session has left the table. Its waits go first, or it would be granted its own locks.
    /// </summary>
    public static void EndSession(Step step, Session session, SessionEnd end)
    {
        if (end == SessionEnd.Expired)
        {
            var id = step.NextEvent();
            step.Publish(id, new LockEvent
            {
                SessionExpired = new() { SessionId = session.Id, Owner = session.Owner, Event = id },
            });
        }
        var acquires = session.Acquires.Values.OrderBy(acquire => acquire.Ticket).ToList();
        foreach (var waiter in acquires.Where(acquire => !acquire.IsHeld))
        {
            step.State.Locks.RemoveWaiter(waiter);
            Refuse(step, waiter, LockRefusal.SessionUnknown, $"The session {session.Id} ended: {end}.");
        }
        foreach (var holder in acquires.Where(acquire => acquire.IsHeld))
        {
            Lose(step, holder, end);
        }
    }

    private static void Lose(Step step, Acquire holder, SessionEnd end) => Lose(
        step, holder, end == SessionEnd.Expired ? "SessionExpired" : "SessionClosed",
        new(LockRefusal.SessionUnknown, $"The lock was granted and lost: the session ended, {end}."));

    /// <summary>The holder loses its lock without a release by it, and the next waiter is granted.</summary>
    public static void Lose(Step step, Acquire holder, string cause, Refusal toCopies)
    {
        // A copy of the acquire that comes now must not hear of a grant that is gone.
        ExactlyOnce.Replace(step, holder, step.Refuse(holder.Id, toCopies));
        var id = step.NextEvent();
        step.Publish(id, new LockEvent
        {
            LockLost = new()
            {
                SessionId = holder.Session.Id,
                AcquireId = holder.Id,
                Name = holder.Name,
                FencingToken = holder.Token,
                Cause = cause,
                Event = id,
            },
        });
        Granting.PassOn(step, holder);
    }

    private static void Refuse(Step step, Acquire waiter, LockRefusal reason, string message)
    {
        var reply = step.Refuse(waiter.Id, reason, message);
        ExactlyOnce.Replace(step, waiter, reply);
        step.Deliver(waiter, reply);
    }
}
