using Muster.Contracts.Decisions;
using Muster.Replication.Core;

namespace Muster.Decisions.Machine;

internal static class Proposals
{
    public static DecisionReply Propose(Step step, ProposeValue propose)
    {
        var state = step.State;
        if (state.Genesis is null)
        {
            return step.Refuse(
                propose.CommandId,
                new(DecisionRefusal.NotReady, "The decisions group is not founded yet."));
        }
        if (DecisionValidation.Check(propose, state.Limits) is { } wrong)
        {
            return step.Refuse(propose.CommandId, wrong);
        }
        if (state.Decisions.Find(propose.Key) is { } decided)
        {
            return AnswerWith(step, decided, propose);
        }
        if (ProposalAge.IsTooOld(step.IssuedAt, step.Now, state.Genesis.CommandWindowMilliseconds))
        {
            return TooOld(step, propose);
        }
        if (CheckRoom(state, propose) is { } full)
        {
            return step.Refuse(propose.CommandId, full);
        }
        return AnswerWith(step, Decide(step, propose), propose);
    }

    private static DecisionReply AnswerWith(Step step, Decision decided, ProposeValue propose)
    {
        var isOwn = decided.CommandId == propose.CommandId;
        return isOwn && decided.Value != propose.Value
            ? step.Refuse(propose.CommandId, new(DecisionRefusal.CommandIdInvalid,
                $"The id {propose.CommandId} is that of the proposal of another value; "
                + "this one did nothing and needs its own."))
            : new()
            {
                ValueProposed = new()
                {
                    CommandId = propose.CommandId,
                    Decision = decided,
                    IsOwn = isOwn,
                    Freshness = step.State.Freshness,
                },
            };
    }

    /// <summary>Its sender has long been told that nobody knows, and may be proposing something
    /// else.</summary>
    private static DecisionReply TooOld(Step step, ProposeValue propose) => new()
    {
        DecisionUnknown = new()
        {
            CommandId = propose.CommandId,
            Message = ProposalAge.Why(
                step.IssuedAt, step.Now, step.State.Genesis!.CommandWindowMilliseconds),
        },
    };

    private static Decision Decide(Step step, ProposeValue propose)
    {
        var decision = new Decision
        {
            Key = propose.Key,
            Value = propose.Value,
            Proposer = propose.Proposer,
            CommandId = propose.CommandId,
            Epoch = step.State.Epoch,
            Index = step.Index,
            LogTime = step.LogTime,
        };
        step.State.Decisions.Add(decision);
        step.Publish(decision);
        return decision;
    }

    /// <summary>
    /// Keys and bytes only grow, so who was refused for them stays refused, whatever late copies do. The
    /// outbox empties: that is no refusal for good.
    /// </summary>
    private static Refusal? CheckRoom(DecisionsState state, ProposeValue propose)
    {
        var (table, limits) = (state.Decisions, state.Limits);
        if (table.Count >= limits.MaxKeys)
        {
            return new(DecisionRefusal.LimitReached,
                $"{table.Count} keys are decided, at most {limits.MaxKeys}.");
        }
        var bytes = table.Bytes + DecisionTable.SizeOf(propose);
        if (bytes > limits.MaxBytes)
        {
            return new(DecisionRefusal.LimitReached,
                $"The decisions would take {bytes} bytes, at most {limits.MaxBytes}.");
        }
        return state.Outbox.Count < limits.MaxOutbox ? null : new(DecisionRefusal.Overloaded,
            $"{state.Outbox.Count} events wait to be published, at most {limits.MaxOutbox}; "
                + "send again later.");
    }
}
