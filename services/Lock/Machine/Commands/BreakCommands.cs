using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

internal static class BreakCommands
{
    public static LockReply Break(Step step, CommandHead head, BreakLock command)
    {
        if (LockValidation.Check(command) is { } wrong)
        {
            return step.Refuse(command.CommandId, wrong);
        }
        return ExactlyOnce.Run(step, head, () => new LockReply { LockBroken = BreakNew(step, command) });
    }

    /// <summary>
    /// The break has a token of its own, taken before the next waiter is granted: newer than the broken
    /// grant, older than the next; also when nobody holds the lock. A holder that was not meant keeps its
    /// grant, and its token is the answer's: who fences with that shuts out all before it, but not the
    /// holder.
    /// </summary>
    private static LockBroken BreakNew(Step step, BreakLock command)
    {
        var holder = step.State.Locks.Find(command.Name)?.Holder;
        var broken = holder is not null && IsMeant(command, holder) ? holder : null;
        var token = holder is not null && broken is null ? holder.Token : step.State.NextToken();
        if (broken is not null)
        {
            Endings.Lose(step, broken, "Broken", new(LockRefusal.NotHeld,
                $"The lock was granted and lost: {command.CommandId} broke it. {command.Reason}".TrimEnd()));
        }
        return new()
        {
            CommandId = command.CommandId,
            Name = command.Name,
            WasHeld = broken is not null,
            BrokenToken = broken?.Token ?? FencingToken.None,
            FencingToken = token,
            Freshness = step.State.Freshness,
        };
    }

    private static bool IsMeant(BreakLock command, Acquire holder) =>
        (command.ExpectedToken == FencingToken.None || command.ExpectedToken == holder.Token)
        && (command.ExpectedSession.Length == 0 || command.ExpectedSession == holder.Session.Id);
}
