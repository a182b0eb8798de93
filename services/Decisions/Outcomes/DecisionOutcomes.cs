using Muster.Contracts;
using Muster.Contracts.Decisions;
using Muster.Decisions.Consumers;
using Muster.Decisions.Machine;
using Muster.Replication;
using Muster.Serving;

namespace Muster.Decisions.Outcomes;

/// <summary>What leaves the machine on this replica, entry by entry on the replica's loop.</summary>
public sealed class DecisionOutcomes(
    AppliedAnswers<ValueDecided, DecisionReply> answers,
    StateIntake<DecisionEntryCommand, DecisionEffect, DecisionsMachine> states, ReplicaCurrency currency)
    : IEffectSink<DecisionEntryCommand, DecisionEffect>
{
    public void Applied(LogIndex index, bool own, IReadOnlyList<DecisionEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(effects);
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case DecisionEffect.Answer answer when own:
                    answers.Answer(answer.CommandId, answer.To, answer.Reply);
                    break;
                case DecisionEffect.Restoration restoration when own:
                    states.Answer(restoration.Outcome);
                    break;
                case DecisionEffect.Delivery delivery:
                    answers.Deliver(delivery.Item);
                    break;
            }
        }
        answers.Finish();
    }

    public void Unknown(DecisionEntryCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (command.StateRestoration is { } restoration)
        {
            states.Unknown(restoration);
            return;
        }
        AnswerNow(command, DecisionCommands.Unknown(DecisionCommands.IdOf(command)));
    }

    public void Refused(DecisionEntryCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (command.StateRestoration is { } restoration)
        {
            states.Refused(restoration);
            return;
        }
        AnswerNow(command, DecisionCommands.Overloaded(DecisionCommands.IdOf(command)));
    }

    public void TooLarge(DecisionEntryCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (command.StateRestoration is { } restoration)
        {
            states.TooLarge(restoration);
            return;
        }
        AnswerNow(command, DecisionCommands.TooLarge(DecisionCommands.IdOf(command)));
    }

    public void MachineReplaced() => currency.Forget();

    private void AnswerNow(DecisionEntryCommand command, DecisionReply reply) => answers.AnswerNow(
        DecisionCommands.IdOf(command), DecisionCommands.ReplyToOf(command), reply);
}
