using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.Consumers;
using Muster.Lock.History;
using Muster.Lock.Machine;
using Muster.Replication;
using Muster.Serving;

namespace Muster.Lock.Outcomes;

/// <summary>What leaves the machine on this replica, entry by entry on the replica's loop.</summary>
public sealed class LockOutcomes(
    AppliedAnswers<LockEvent, LockReply> answers,
    StateIntake<LockEntryCommand, LockEffect, LockMachine> states, Action<NodeCrash> crashTaken)
    : IEffectSink<LockEntryCommand, LockEffect>
{
    private readonly List<LockFact> _facts = [];

    /// <summary>Null: none is kept.</summary>
    public LockHistory? History { get; init; }

    /// <summary>The replica is behind the log, so what it applies happened a while ago.</summary>
    public Func<bool> IsLate { get; init; } = () => false;

    public void Applied(LogIndex index, bool own, IReadOnlyList<LockEffect> effects)
    {
        var isRestoration = false;
        foreach (var effect in effects)
        {
            isRestoration |= effect is LockEffect.Restoration { Outcome.Restored: { } restored }
                && restored.Index == index; // else it tells of an earlier one again
            switch (effect)
            {
                case LockEffect.Noted noted:
                    _facts.Add(noted.Fact);
                    break;
                case LockEffect.Answer answer when own:
                    answers.Answer(answer.CommandId, answer.To, answer.Reply);
                    break;
                case LockEffect.RenewalAnswer renewal when own:
                    answers.AnswerRenewal(renewal.To, renewal.Reply);
                    break;
                case LockEffect.Restoration restoration when own:
                    states.Answer(restoration.Outcome);
                    break;
                case LockEffect.CrashTaken taken:
                    crashTaken(taken.Crash);
                    break;
                case LockEffect.Delivery delivery:
                    answers.Deliver(delivery.Item);
                    break;
            }
        }
        answers.Finish();
        History?.Applied(index, _facts, isRestoration, _facts.Count > 0 && IsLate());
        _facts.Clear();
    }

    public void Withdrawn(LogIndex from, LogIndex to) => History?.Withdrawn(from, to);

    public void LogFollowed(string logId) => History?.LogFollowed(logId);

    public void Unknown(LockEntryCommand command)
    {
        if (command.StateRestoration is { } restoration)
        {
            states.Unknown(restoration);
            return;
        }
        AnswerNow(command, LockCommands.Unknown(LockCommands.IdOf(command)));
    }

    public void Refused(LockEntryCommand command)
    {
        if (command.StateRestoration is { } restoration)
        {
            states.Refused(restoration);
            return;
        }
        AnswerNow(command, LockCommands.Overloaded(LockCommands.IdOf(command)));
    }

    public void TooLarge(LockEntryCommand command)
    {
        if (command.StateRestoration is { } restoration)
        {
            states.TooLarge(restoration);
            return;
        }
        AnswerNow(command, LockCommands.TooLarge(LockCommands.IdOf(command)));
    }

    private void AnswerNow(LockEntryCommand command, LockReply reply) =>
        answers.AnswerNow(LockCommands.IdOf(command), LockCommands.ReplyToOf(command), reply);
}
