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
    /// The break has a token of its own, taken before anybody is granted: newer than the broken grants, older
    /// than the next; also when nobody holds the lock. Holders that were not meant keep their grants, and the
    /// least of their tokens is the answer's: who fences with that shuts out all before them, but none of
    /// them.
    /// </summary>
    private static LockBroken BreakNew(Step step, BreakLock command)
    {
        var queue = step.State.Locks.Find(command.Name);
        var meant = queue?.Holders.Where(holder => IsMeant(command, holder)).ToList() ?? [];
        var isLeft = queue?.Holders.Count > meant.Count;
        var token = isLeft ? FencingToken.None : step.State.NextToken();
        var why = $"The lock was granted and lost: {command.CommandId} broke it. {command.Reason}".TrimEnd();
        // Or it would be granted, under a greater token than the break's, once the first of them has gone.
        meant.ForEach(holder => Endings.EndUpgrade(step, holder, why));
        meant.ForEach(holder => Endings.Lose(
            step, holder, "Broken", new(LockRefusal.NotHeld, why), command));
        return new()
        {
            CommandId = command.CommandId,
            Name = command.Name,
            WasHeld = meant.Count > 0,
            BrokenToken = meant.Count > 0 ? meant[^1].Token : FencingToken.None,
            FencingToken = isLeft ? queue!.Holders.First!.Value.Token : token,
            Freshness = step.State.Freshness,
        };
    }

    private static bool IsMeant(BreakLock command, Acquire holder) =>
        (command.ExpectedToken == FencingToken.None || command.ExpectedToken == holder.Token)
        && (command.ExpectedSession.Length == 0 || command.ExpectedSession == holder.Session.Id);
}
