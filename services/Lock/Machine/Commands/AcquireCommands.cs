using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

internal static class AcquireCommands
{
    public static LockReply Acquire(Step step, CommandHead head, AcquireLock command)
    {
        if (LockValidation.Check(command) is { } wrong)
        {
            return step.Refuse(command.CommandId, wrong);
        }
        return Acquire(step, head, command, LockClaim.Of(command));
    }

    public static LockReply Campaign(Step step, CommandHead head, Campaign command)
    {
        if (LockValidation.Check(command) is { } wrong)
        {
            return step.Refuse(command.CommandId, wrong);
        }
        var acquire = Elections.AcquireOf(command);
        return Acquire(step, head, acquire, LockClaim.Of(acquire, command.Value));
    }

    /// <summary>Why no acquire or upgrade of this id is taken.</summary>
    public static Refusal? CheckId(Step step, Session session, string id)
    {
        session.Tombstones.DropUntil(step.Now);
        if (session.Tombstones.Contains(id))
        {
            return new(LockRefusal.AcquireCancelled, $"The acquire {id} was cancelled before it arrived.");
        }
        return session.Acquires.ContainsKey(id)
            ? new(LockRefusal.CommandIdInvalid, $"The session has another acquire with the id {id}.")
            : null;
    }

    /// <summary>Why the session or the group has no room for another one, of so many names.</summary>
    public static Refusal? CheckRoom(Step step, Session session, int names)
    {
        var (state, limits) = (step.State, step.Limits);
        if (session.Acquires.Count >= limits.MaxAcquiresPerSession)
        {
            return new(LockRefusal.LimitReached,
                $"The session has {session.Acquires.Count} locks, at most {limits.MaxAcquiresPerSession}.");
        }
        return state.Locks.AcquireCount + names > limits.MaxAcquires
            ? new(LockRefusal.LimitReached,
                $"The group has {state.Locks.AcquireCount} acquires, and this is {names} more; at most "
                    + $"{limits.MaxAcquires}.")
            : step.CheckOutbox();
    }

    /// <summary>
    /// A waiter that sent its command again, maybe through another replica, wants its grant there.
    /// </summary>
    public static void Readdress(Step step, CommandHead head)
    {
        var session = step.State.Sessions.Find(head.SessionId);
        var acquire = session?.Acquires.GetValueOrDefault(head.CommandId);
        if (acquire is { IsHeld: false } && acquire.Sequence == head.Sequence
            && acquire.Subject == head.Subject)
        {
            acquire.ReplyTo = LockValidation.Usable(head.ReplyTo) ?? acquire.ReplyTo;
            acquire.Origin = step.Origin;
        }
    }

    public static LockReply Queue(Step step, Acquire acquire, int ahead)
    {
        step.State.Locks.Enqueue(acquire);
        Facts.Queued(step, acquire, ahead);
        var id = step.NextEvent();
        var queued = new LockQueued
        {
            CommandId = acquire.Id,
            SessionId = acquire.Session.Id,
            Name = acquire.Claim.Name,
            Names = acquire.Claim.Several,
            Ahead = ahead,
            Event = id,
            Freshness = step.State.Freshness,
        };
        step.Publish(id, new LockEvent { LockQueued = queued });
        acquire.Reply = new LockReply { LockQueued = queued };
        return acquire.Reply;
    }

    private static LockReply Acquire(Step step, CommandHead head, AcquireLock command, LockClaim claim)
    {
        var reply = ExactlyOnce.RunInSession(
            step, head, session => AcquireNew(step, session, command, claim));
        Readdress(step, head);
        return reply;
    }

    private static LockReply AcquireNew(Step step, Session session, AcquireLock command, LockClaim claim)
    {
        if ((CheckId(step, session, command.CommandId)
            ?? CheckRoom(step, session, claim.Names.Count)
            ?? CheckNames(step, command, claim) ?? NamespaceCommands.CheckRoom(step, claim)) is { } refusal)
        {
            return step.Refuse(command.CommandId, refusal);
        }
        var acquire = new Acquire
        {
            Session = session,
            Id = command.CommandId,
            Claim = claim,
            Sequence = command.Sequence,
            Ticket = ++step.State.LastTicket,
            WaitDeadline = step.Now + command.WaitMilliseconds,
            Since = step.Now,
            ReplyTo = LockValidation.Usable(command.ReplyTo),
            Origin = step.Origin,
        };
        if (step.State.Locks.CanHold(acquire))
        {
            return Granting.GrantAtOnce(step, acquire);
        }
        if (command.WaitMilliseconds == 0)
        {
            return step.Refuse(command.CommandId, LockRefusal.LockBusy,
                $"{Busy(step, acquire)}, and the acquire waits 0 ms.");
        }
        return NamespaceCommands.CheckQueue(step, claim) is { } full
            ? step.Refuse(command.CommandId, full)
            : Queue(step, acquire, claim.Names.Max(
                name => step.State.Locks.Find(name)?.WaiterCount ?? 0));
    }

    private static Refusal? CheckNames(Step step, AcquireLock command, LockClaim claim)
    {
        foreach (var queue in claim.Names.Select(step.State.Locks.Find).OfType<LockQueue>())
        {
            if (!queue.IsOfKind(claim))
            {
                return new(LockRefusal.ModeConflict, queue.MaxPermits == 0
                    ? $"{queue.Name} is in use as a lock, not as a semaphore."
                    : $"{queue.Name} is in use as a semaphore of {queue.MaxPermits}, "
                        + (claim.MaxPermits == 0 ? "not as a lock." : $"not of {claim.MaxPermits}."));
            }
            if (queue.WaiterCount >= step.Limits.MaxWaitersPerLock && command.WaitMilliseconds > 0)
            {
                return new(LockRefusal.LimitReached,
                    $"{queue.Name} has {queue.WaiterCount} waiters, "
                        + $"at most {step.Limits.MaxWaitersPerLock}.");
            }
        }
        return null;
    }

    /// <summary>The first of its names that it cannot hold, and why.</summary>
    private static string Busy(Step step, Acquire acquire)
    {
        var busy = acquire.Claim.Names.Select(step.State.Locks.Find).OfType<LockQueue>()
            .First(queue => !(queue.IsNext(acquire) && queue.Admits(acquire.Claim)));
        if (busy.DelayedUntil > 0)
        {
            return $"{busy.Name} is in its lock delay for {busy.DelayedUntil - step.Now} ms more";
        }
        return busy.Name + (busy.Admits(acquire.Claim) ? " is waited for by others" : " is held");
    }
}
