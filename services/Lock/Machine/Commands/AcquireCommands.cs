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
        return Acquire(step, head, command, value: null);
    }

    public static LockReply Campaign(Step step, CommandHead head, Campaign command)
    {
        if (LockValidation.Check(command) is { } wrong)
        {
            return step.Refuse(command.CommandId, wrong);
        }
        return Acquire(step, head, Elections.AcquireOf(command), command.Value);
    }

    private static LockReply Acquire(Step step, CommandHead head, AcquireLock command, string? value)
    {
        var reply = ExactlyOnce.RunInSession(
            step, head, session => AcquireNew(step, session, command, value));
        Readdress(step, head, command);
        return reply;
    }

    /// <summary>
    /// A waiter that sent its acquire again, maybe through another replica, wants its grant there.
    /// </summary>
    private static void Readdress(Step step, CommandHead head, AcquireLock command)
    {
        var session = step.State.Sessions.Find(command.SessionId);
        var acquire = session?.Acquires.GetValueOrDefault(command.CommandId);
        if (acquire is { IsHeld: false } && acquire.Sequence == command.Sequence
            && acquire.Subject == head.Subject)
        {
            acquire.ReplyTo = command.ReplyTo ?? acquire.ReplyTo;
            acquire.Origin = step.Origin;
        }
    }

    private static LockReply AcquireNew(Step step, Session session, AcquireLock command, string? value)
    {
        if (CheckAllowed(step, session, command) is { } refusal)
        {
            return step.Refuse(command.CommandId, refusal);
        }
        var queue = step.State.Locks.Find(command.Name);
        if (queue is not null && command.WaitMilliseconds == 0)
        {
            return step.Refuse(command.CommandId, LockRefusal.LockBusy,
                $"{command.Name} is held, and the acquire waits 0 ms.");
        }
        var acquire = new Acquire
        {
            Session = session,
            Id = command.CommandId,
            Name = command.Name,
            Value = value,
            Sequence = command.Sequence,
            Ticket = ++step.State.LastTicket,
            WaitDeadline = step.Now + command.WaitMilliseconds,
            Since = step.Now,
            ReplyTo = command.ReplyTo,
            Origin = step.Origin,
            Reply = new LockReply(),
        };
        if (queue is not null)
        {
            return Queue(step, acquire, queue.Waiters.Count);
        }
        step.State.Locks.Hold(acquire);
        return Granting.GrantAtOnce(step, acquire);
    }

    private static Refusal? CheckAllowed(Step step, Session session, AcquireLock command)
    {
        var (state, limits) = (step.State, step.Limits);
        session.Tombstones.DropUntil(step.Now);
        if (session.Tombstones.Contains(command.CommandId))
        {
            return new(LockRefusal.AcquireCancelled,
                $"The acquire {command.CommandId} was cancelled before it arrived.");
        }
        if (session.Acquires.ContainsKey(command.CommandId))
        {
            return new(LockRefusal.CommandIdInvalid,
                $"The session has another acquire with the id {command.CommandId}.");
        }
        if (session.Acquires.Count >= limits.MaxAcquiresPerSession)
        {
            return new(LockRefusal.LimitReached,
                $"The session has {session.Acquires.Count} locks, at most {limits.MaxAcquiresPerSession}.");
        }
        if (state.Locks.AcquireCount >= limits.MaxAcquires)
        {
            return new(LockRefusal.LimitReached,
                $"The group has {state.Locks.AcquireCount} acquires, at most {limits.MaxAcquires}.");
        }
        var waiters = state.Locks.Find(command.Name)?.Waiters.Count ?? 0;
        if (waiters >= limits.MaxWaitersPerLock && command.WaitMilliseconds > 0)
        {
            return new(LockRefusal.LimitReached,
                $"{command.Name} has {waiters} waiters, at most {limits.MaxWaitersPerLock}.");
        }
        return step.CheckOutbox();
    }

    private static LockReply Queue(Step step, Acquire acquire, int ahead)
    {
        step.State.Locks.Enqueue(acquire);
        var id = step.NextEvent();
        var queued = new LockQueued
        {
            CommandId = acquire.Id,
            SessionId = acquire.Session.Id,
            Name = acquire.Name,
            Ahead = ahead,
            Event = id,
            Freshness = step.State.Freshness,
        };
        step.Publish(id, new LockEvent { LockQueued = queued });
        acquire.Reply = new LockReply { LockQueued = queued };
        return acquire.Reply;
    }
}
