using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

internal static class ReleaseCommands
{
    public static LockReply Release(Step step, CommandHead head, ReleaseLock command)
    {
        if (LockValidation.Check(command) is { } wrong)
        {
            return step.Refuse(command.CommandId, wrong);
        }
        return ReleaseChecked(step, head, command);
    }

    public static LockReply Resign(Step step, CommandHead head, Resign command)
    {
        if (LockValidation.Check(command) is { } wrong)
        {
            return step.Refuse(command.CommandId, wrong);
        }
        return ReleaseChecked(step, head, Elections.ReleaseOf(command));
    }

    private static LockReply ReleaseChecked(Step step, CommandHead head, ReleaseLock command) =>
        ExactlyOnce.RunInSession(step, head, session =>
            CheckHolder(step, session, command) is { } refusal
                ? step.Refuse(command.CommandId, refusal)
                : new LockReply
                {
                    LockReleased = ReleaseHeld(step, command.CommandId, session.Acquires[command.AcquireId]),
                });

    public static LockReply Cancel(Step step, CommandHead head, CancelAcquire command)
    {
        if (LockValidation.Check(command) is { } wrong)
        {
            return step.Refuse(command.CommandId, wrong);
        }
        return ExactlyOnce.RunInSession(step, head, session => CancelNew(step, session, command));
    }

    private static Refusal? CheckHolder(Step step, Session session, ReleaseLock command)
    {
        var holder = step.State.Locks.Find(command.Name)?.Holder;
        if (holder is null)
        {
            return new(LockRefusal.NotHeld, $"{command.Name} is not held.");
        }
        if (holder.Session != session)
        {
            return new(LockRefusal.NotHolder, $"{command.Name} is held by another session.");
        }
        if (holder.Id != command.AcquireId)
        {
            return new(LockRefusal.NotHolder, $"{command.Name} is held by the acquire {holder.Id}.");
        }
        return holder.Token == command.FencingToken ? null : new(LockRefusal.NotHolder,
            $"{command.Name} is held under the token {holder.Token}, not {command.FencingToken}.");
    }

    private static LockReply CancelNew(Step step, Session session, CancelAcquire command)
    {
        if (session.Acquires.TryGetValue(command.AcquireId, out var acquire))
        {
            ExactlyOnce.Replace(step, acquire, step.Refuse(acquire.Id, LockRefusal.AcquireCancelled,
                $"The acquire was cancelled by {command.CommandId}."));
            if (acquire.IsHeld)
            {
                ReleaseHeld(step, command.CommandId, acquire);
                return Cancelled(step, command, wasHeld: true);
            }
            step.State.Locks.RemoveWaiter(acquire);
            return Cancelled(step, command, wasHeld: false);
        }
        return Remembers(session, command.AcquireId) || TryMark(step, session, command.AcquireId)
            ? Cancelled(step, command, wasHeld: false)
            : step.Refuse(command.CommandId, LockRefusal.LimitReached,
                $"The session has {session.Tombstones.Count} cancels of acquires yet to come, the limit.");
    }

    /// <summary>
    /// A numbered acquire that came and ended otherwise cannot come again, so it needs no tombstone.
    /// </summary>
    private static bool Remembers(Session session, string acquireId) =>
        session.Answers.Items.Any(item => item.Value.CommandId == acquireId
            && item.Value.Subject.Kind is nameof(AcquireLock) or nameof(Campaign));

    private static bool TryMark(Step step, Session session, string acquireId)
    {
        session.Tombstones.DropUntil(step.Now);
        var tombstones = session.Tombstones;
        if (!tombstones.Contains(acquireId) && tombstones.Count >= step.Limits.MaxTombstonesPerSession)
        {
            return false;
        }
        tombstones.Add(acquireId, step.Now + step.State.Answers.WindowMilliseconds);
        return true;
    }

    private static LockReleased ReleaseHeld(Step step, string commandId, Acquire holder)
    {
        var id = step.NextEvent();
        var released = new LockReleased
        {
            CommandId = commandId,
            SessionId = holder.Session.Id,
            AcquireId = holder.Id,
            Name = holder.Name,
            FencingToken = holder.Token,
            Event = id,
            Freshness = step.State.Freshness,
        };
        step.Publish(id, new LockEvent { LockReleased = released });
        Granting.PassOn(step, holder);
        return released;
    }

    private static LockReply Cancelled(Step step, CancelAcquire command, bool wasHeld) => new()
    {
        AcquireCancelled = new()
        {
            CommandId = command.CommandId,
            AcquireId = command.AcquireId,
            WasHeld = wasHeld,
            Freshness = step.State.Freshness,
        },
    };
}
