using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

internal enum SessionEnd
{
    Closed,
    Expired,
    Crashed,
}

/// <summary>What ends by itself when time moves on, and what goes with a session.</summary>
internal static class Endings
{
    /// <summary>
    /// Sessions and delays before waits: a waiter whose lock comes free in the instant in which its wait ends
    /// is granted. Sessions one by one: a lock that passes to a session which expires in the same entry
    /// passes on again, under a token of its own.
    /// </summary>
    public static void EndWhatIsDue(Step step)
    {
        while (step.State.Sessions.TryTakeExpired(step.Now, out var session))
        {
            EndSession(step, session, SessionEnd.Expired);
        }
        while (step.State.Locks.TryTakeEndedDelay(step.Now, out var queue))
        {
            Granting.Serve(step, [queue.Name]);
        }
        while (step.State.Locks.TryTakeEndedWait(step.Now, out var waiter))
        {
            Facts.WaitEnded(step, waiter, "WaitRanOut");
            Refuse(step, waiter, new(LockRefusal.LockBusy,
                $"{waiter.Claim.Names[0]}"
                    + (waiter.Claim.Names.Count == 1 ? "" : $" and {waiter.Claim.Names.Count - 1} more")
                    + " did not come free within the wait."));
            Granting.Serve(step, waiter.Claim.Names);
        }
    }

    /// <summary>
    /// The sessions of this incarnation, one by one as when they expire. Other incarnations of the node are
    /// not meant.
    /// </summary>
    public static void EndCrashed(Step step, NodeCrash crash)
    {
        var state = step.State;
        state.Crashes.DropUntil(step.Now);
        var keptUntil = step.Now + state.Answers.WindowMilliseconds;
        if (state.Crashes.Add(new(crash.Epoch, crash.Number, keptUntil)))
        {
            foreach (var session in state.Sessions.On(new(crash.Node, crash.Incarnation)))
            {
                state.Sessions.Remove(session);
                EndSession(step, session, SessionEnd.Crashed);
            }
        }
        step.Taken(crash);
    }

    /// <summary>
    /// The session has left the table. Its waits go first, or it would be granted its own locks.
    /// </summary>
    public static void EndSession(Step step, Session session, SessionEnd end)
    {
        if (end != SessionEnd.Closed)
        {
            var id = step.NextEvent();
            step.Publish(id, new LockEvent
            {
                SessionExpired = new()
                {
                    SessionId = session.Id,
                    Owner = session.Owner,
                    Cause = CauseOf(end),
                    Event = id,
                },
            });
        }
        Facts.SessionEnded(step, session, CauseOf(end));
        var acquires = session.Acquires.Values.OrderBy(acquire => acquire.Ticket).ToList();
        var waits = acquires.Where(acquire => !acquire.IsHeld).ToList();
        foreach (var waiter in waits)
        {
            step.State.Locks.Remove(waiter);
            Facts.WaitEnded(step, waiter, CauseOf(end));
            Refuse(
                step, waiter, new(LockRefusal.SessionUnknown, $"The session {session.Id} ended: {end}."));
        }
        foreach (var holder in acquires.Where(acquire => acquire is { IsHeld: true, Upgrades: null }))
        {
            Lose(step, holder, end);
        }
        Granting.Serve(step, waits.SelectMany(waiter => waiter.Claim.Names));
    }

    /// <summary>
    /// The holder loses its lock without a release by it, and who is next is granted.
    /// </summary>
    /// <param name="step">The entry.</param>
    /// <param name="holder">Who loses it.</param>
    /// <param name="cause">Of the event.</param>
    /// <param name="toCopies">What copies of the acquire are answered from now on.</param>
    /// <param name="breaking">The command that takes it; null: the session ended.</param>
    public static void Lose(
        Step step, Acquire holder, string cause, Refusal toCopies, BreakLock? breaking = null)
    {
        Facts.Lost(step, holder, cause, breaking);
        // A copy of the acquire that comes now must not hear of a grant that is gone.
        ExactlyOnce.Replace(step, holder, step.Refuse(holder.Id, toCopies));
        EndUpgrade(step, holder, toCopies.Message);
        step.State.Locks.Remove(holder);
        var id = step.NextEvent();
        step.Publish(id, new LockEvent
        {
            LockLost = new()
            {
                SessionId = holder.Session.Id,
                AcquireId = holder.Id,
                Name = holder.Claim.Name,
                Names = holder.Claim.Several,
                FencingToken = holder.Token,
                Cause = cause,
                Event = id,
            },
        });
        Granting.Serve(step, holder.Claim.Names);
        Elections.AnnounceVacancy(step, holder);
    }

    /// <summary>The hold goes, and its upgrade goes first; one that waits is told.</summary>
    public static void EndUpgrade(Step step, Acquire hold, string why)
    {
        if (hold.Upgrade is not { } upgrade)
        {
            return;
        }
        step.State.Locks.Remove(upgrade);
        var refusal = new Refusal(LockRefusal.NotHeld, why);
        if (upgrade.IsHeld)
        {
            ExactlyOnce.Replace(step, upgrade, step.Refuse(upgrade.Id, refusal));
        }
        else
        {
            Facts.WaitEnded(step, upgrade, "HoldEnded");
            Refuse(step, upgrade, refusal);
        }
    }

    private static void Lose(Step step, Acquire holder, SessionEnd end)
    {
        if (end != SessionEnd.Closed && holder.Session.LockDelayMilliseconds > 0)
        {
            foreach (var name in holder.Claim.Names)
            {
                var delayed = step.State.Locks.Delay(
                    name, holder.Claim.MaxPermits, step.Now + holder.Session.LockDelayMilliseconds);
                Facts.DelayStarted(step, holder, delayed, CauseOf(end));
            }
        }
        Lose(
            step, holder, CauseOf(end),
            new(LockRefusal.SessionUnknown, $"The lock was granted and lost: the session ended, {end}."));
    }

    private static string CauseOf(SessionEnd end) => end switch
    {
        SessionEnd.Closed => "SessionClosed",
        SessionEnd.Expired => "SessionExpired",
        _ => "SessionCrashed",
    };

    private static void Refuse(Step step, Acquire waiter, Refusal refusal)
    {
        var reply = step.Refuse(waiter.Id, refusal);
        ExactlyOnce.Replace(step, waiter, reply);
        step.Deliver(waiter, reply);
    }
}
