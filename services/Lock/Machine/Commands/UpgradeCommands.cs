using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

internal static class UpgradeCommands
{
    public static LockReply Upgrade(Step step, CommandHead head, UpgradeLock command)
    {
        if (LockValidation.Check(command) is { } wrong)
        {
            return step.Refuse(command.CommandId, wrong);
        }
        var reply = ExactlyOnce.RunInSession(step, head, session => UpgradeNew(step, session, command));
        AcquireCommands.Readdress(step, head);
        return reply;
    }

    /// <summary>What an upgrade asks for, as far as it tells its copies from other commands.</summary>
    public static LockClaim ClaimOf(UpgradeLock command) => new() { Names = [command.Name] };

    private static LockReply UpgradeNew(Step step, Session session, UpgradeLock command)
    {
        if ((AcquireCommands.CheckId(step, session, command.CommandId)
            ?? AcquireCommands.CheckRoom(step, session, names: 1)
            ?? ReleaseCommands.CheckHolder(
                step, session, command.Name, command.AcquireId, command.FencingToken)
            ?? NamespaceCommands.CheckRoom(step, ClaimOf(command))) is { } refusal)
        {
            return step.Refuse(command.CommandId, refusal);
        }
        var hold = session.Acquires[command.AcquireId];
        if (hold.Claim.Mode != LockMode.Upgradeable || hold.Upgrade is not null)
        {
            return step.Refuse(command.CommandId, LockRefusal.ModeInvalid, hold.Upgrade is { } other
                ? $"The acquire {hold.Id} has the upgrade {other.Id} already."
                : $"The acquire {hold.Id} holds in mode {hold.Claim.Mode}, which is not upgradeable.");
        }
        var upgrade = new Acquire
        {
            Session = session,
            Id = command.CommandId,
            Claim = ClaimOf(command) with { Flow = hold.Claim.Flow },
            Upgrades = hold,
            Sequence = command.Sequence,
            Ticket = ++step.State.LastTicket,
            WaitDeadline = step.Now + command.WaitMilliseconds,
            Since = step.Now,
            ReplyTo = LockValidation.Usable(command.ReplyTo),
            Origin = step.Origin,
        };
        if (step.State.Locks.CanHold(upgrade))
        {
            return Granting.GrantAtOnce(step, upgrade);
        }
        if (command.WaitMilliseconds == 0)
        {
            return step.Refuse(command.CommandId, LockRefusal.LockBusy,
                $"{command.Name} is shared or delayed, and the upgrade waits 0 ms.");
        }
        return NamespaceCommands.CheckQueue(step, upgrade.Claim) is { } full
            ? step.Refuse(command.CommandId, full)
            : AcquireCommands.Queue(step, upgrade, ahead: 0);
    }
}
