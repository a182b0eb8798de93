using Muster.Contracts;
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

    public static LockReply Cancel(Step step, CommandHead head, CancelAcquire command)
    {
        if (LockValidation.Check(command) is { } wrong)
        {
            return step.Refuse(command.CommandId, wrong);
        }
        return ExactlyOnce.RunInSession(step, head, session => CancelNew(step, session, command));
    }

    /// <summary>Why this is no hold of the session: an acquire, or an upgrade, that is held now.</summary>
    /// <param name="name">One of its names; empty for one of several names.</param>
    public static Refusal? CheckHolder(
        Step step, Session session, string name, string acquireId, FencingToken token)
    {
        if (session.Acquires.GetValueOrDefault(acquireId) is { IsHeld: true } holder
            && (holder.Claim.Names.Contains(name) || (name.Length == 0 && holder.Claim.Several is not null)))
        {
            return holder.IsUnder(token) ? null : new(LockRefusal.NotHolder,
                $"{name} is held under the token {holder.Token}, not {token}.");
        }
        if (name.Length == 0)
        {
            return session.Acquires.ContainsKey(acquireId)
                ? new(LockRefusal.NameInvalid, "The name is empty; an acquire of one name is named by it.")
                : new(LockRefusal.NotHeld, $"The acquire {acquireId} holds nothing.");
        }
        var other = step.State.Locks.Find(name)?.Holders.First?.Value;
        if (other is null)
        {
            return new(LockRefusal.NotHeld, $"{name} is not held.");
        }
        return other.Session != session
            ? new(LockRefusal.NotHolder, $"{name} is held by another session.")
            : new(LockRefusal.NotHolder, $"{name} is held by the acquire {other.Id}.");
    }

    private static LockReply ReleaseChecked(Step step, CommandHead head, ReleaseLock command) =>
        ExactlyOnce.RunInSession(step, head, session =>
            CheckHolder(
                step, session, command.Name, command.AcquireId, command.FencingToken) is { } refusal
                ? step.Refuse(command.CommandId, refusal)
                : new LockReply
                {
                    LockReleased = ReleaseHeld(
                        step, command.CommandId, session.Acquires[command.AcquireId], "Released"),
                });

    private static LockReply CancelNew(Step step, Session session, CancelAcquire command)
    {
        if (session.Acquires.TryGetValue(command.AcquireId, out var acquire))
        {
            ExactlyOnce.Replace(step, acquire, step.Refuse(acquire.Id, LockRefusal.AcquireCancelled,
                $"The acquire was cancelled by {command.CommandId}."));
            if (acquire.IsHeld)
            {
                ReleaseHeld(step, command.CommandId, acquire, "Cancelled");
                return Cancelled(step, command, wasHeld: true);
            }
            step.State.Locks.Remove(acquire);
            Facts.WaitEnded(step, acquire, "Cancelled", command.CommandId);
            Granting.Serve(step, acquire.Claim.Names);
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
            && item.Value.Subject.Kind is nameof(AcquireLock) or nameof(Campaign) or nameof(UpgradeLock));

    private static bool TryMark(Step step, Session session, string acquireId)
    {
        session.Tombstones.DropUntil(step.Now);
        var tombstones = session.Tombstones;
        if (!tombstones.Contains(acquireId) && tombstones.Count >= step.Limits.MaxTombstonesPerSession)
        {
            return false;
        }
        tombstones.Add(new(acquireId, step.Now + step.State.Answers.WindowMilliseconds));
        return true;
    }

    /// <summary>
    /// A hold goes with its upgrade. An upgrade goes alone, and leaves its hold the new token: the old one is
    /// fenced already.
    /// </summary>
    private static LockReleased ReleaseHeld(Step step, string commandId, Acquire holder, string cause)
    {
        Facts.Released(step, holder, cause, commandId);
        Endings.EndUpgrade(step, holder, $"{holder.Claim.Name} was released by {commandId}.");
        step.State.Locks.Remove(holder);
        if (holder.Upgrades is { } hold)
        {
            ExactlyOnce.Replace(step, hold, new() { LockGranted = Granting.Describe(step.State, hold) });
        }
        var id = step.NextEvent();
        var released = new LockReleased
        {
            CommandId = commandId,
            SessionId = holder.Session.Id,
            AcquireId = holder.Id,
            Name = holder.Claim.Name,
            Names = holder.Claim.Several,
            FencingToken = holder.Token,
            Event = id,
            Freshness = step.State.Freshness,
        };
        step.Publish(id, new LockEvent { LockReleased = released });
        Granting.Serve(step, holder.Claim.Names);
        Elections.AnnounceVacancy(step, holder);
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
