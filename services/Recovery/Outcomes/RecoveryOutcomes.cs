using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Recovery.Consumers;
using Muster.Recovery.Executing;
using Muster.Recovery.Machine;
using Muster.Replication;
using Muster.Serving;

namespace Muster.Recovery.Outcomes;

/// <summary>What leaves the machine on this replica, entry by entry on the replica's loop.</summary>
public sealed class RecoveryOutcomes(
    AppliedAnswers<RecoveryEvent, RecoveryReply> answers, VerdictIntake verdicts,
    StateIntake<RecoveryEntryCommand, RecoveryEffect, RecoveryMachine> states, PlanSignal plans)
    : IEffectSink<RecoveryEntryCommand, RecoveryEffect>
{
    public void Applied(LogIndex index, bool own, IReadOnlyList<RecoveryEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(effects);
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case RecoveryEffect.Answer answer when own:
                    answers.Answer(answer.CommandId, answer.To, answer.Reply);
                    break;
                case RecoveryEffect.RestorationAnswer restoration when own:
                    states.Answer(restoration.Outcome);
                    break;
                case RecoveryEffect.VerdictTaken verdict:
                    verdicts.Taken(verdict.Event);
                    break;
                case RecoveryEffect.PlanMoved:
                    plans.Raise();
                    break;
                case RecoveryEffect.Delivery delivery:
                    answers.Deliver(delivery.Item);
                    break;
            }
        }
        answers.Finish();
    }

    public void Unknown(RecoveryEntryCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (command.Group?.StateRestoration is { } restoration)
        {
            states.Unknown(restoration);
            return;
        }
        var (commandId, to) = RecoveryCommands.HeadOf(command);
        answers.AnswerNow(commandId, to, RecoveryCommands.Unknown(commandId));
    }

    public void Refused(RecoveryEntryCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (command.Group?.StateRestoration is { } restoration)
        {
            states.Refused(restoration);
            return;
        }
        var (commandId, to) = RecoveryCommands.HeadOf(command);
        answers.AnswerNow(commandId, to, RecoveryCommands.Overloaded(commandId));
    }

    public void TooLarge(RecoveryEntryCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (command.Group?.StateRestoration is { } restoration)
        {
            states.TooLarge(restoration);
            return;
        }
        var (commandId, to) = RecoveryCommands.HeadOf(command);
        answers.AnswerNow(commandId, to, RecoveryCommands.TooLarge(commandId));
    }
}
