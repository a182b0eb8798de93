using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Recovery.Machine;

/// <summary>
/// Runs a command unless it ran before, and keeps its answer for its repeats. Refusals are kept too, since a
/// client that was told "no" must not be obeyed by a late copy. Not kept: what depends on nothing but the
/// command, and "ask again".
/// </summary>
internal static class ExactlyOnce
{
    public static RecoveryReply Run(Step step, CommandHead head, Func<RecoveryReply> act) =>
        Run(step, head, step.State.MostMembersIds, act);

    /// <summary>An operator's: there is room for it when the members have none left.</summary>
    public static RecoveryReply RunOperators(Step step, CommandHead head, Func<RecoveryReply> act) =>
        Run(step, head, step.State.Answers.Capacity, act);

    private static RecoveryReply Run(Step step, CommandHead head, int most, Func<RecoveryReply> act)
    {
        var answers = step.State.Answers;
        var known = answers.Find(head.CommandId, most);
        switch (known.Kind)
        {
            case CommandLookupKind.Duplicate:
                return Again(step, head, known.Result!);
            case CommandLookupKind.Full:
                return step.Refuse(head.CommandId, RecoveryRefusal.Overloaded,
                    $"The group remembers {answers.Count} command ids, at most {most}; this copy did "
                    + "nothing, send it again under its id.");
            default:
                var reply = act();
                Keep(step, head, reply);
                return reply;
        }
    }

    /// <summary>
    /// A command that knows its own repeats, and of which there are many: only a refusal that could turn out
    /// otherwise later is kept, while there is room.
    /// </summary>
    public static RecoveryReply RunRepeatable(
        Step step, CommandHead head, Func<(RecoveryReply Reply, bool MayTurn)> act)
    {
        if (step.State.Answers.TryGetResult(head.CommandId, out var known))
        {
            return Again(step, head, known);
        }
        var (reply, mayTurn) = act();
        if (mayTurn && step.State.Answers.Count < step.State.MostMembersIds)
        {
            Keep(step, head, reply);
        }
        return reply;
    }

    private static void Keep(Step step, CommandHead head, RecoveryReply reply)
    {
        if (reply.RecoveryRefused is { Reason: RecoveryRefusal.NotReady })
        {
            return;
        }
        step.State.Answers.Record(
            head.CommandId, step.Now,
            new(head.Subject, reply.RecoveryRefused?.Reason, reply.RecoveryRefused?.Message ?? ""));
    }

    private static RecoveryReply Again(Step step, CommandHead head, StoredAnswer stored) =>
        stored.Subject != head.Subject
            ? step.Refuse(
                head.CommandId, RecoveryRefusal.CommandIdInvalid, stored.Subject.IsTaken(head.CommandId))
            : stored.Reason is { } reason
            ? step.Refuse(head.CommandId, reason, stored.Message)
            : step.Accept(head.CommandId, stored.Subject.Owner);
}
