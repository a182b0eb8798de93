using Muster.Contracts;
using Muster.Contracts.Registry;
using Muster.Registry.Consumers;
using Muster.Registry.Machine;
using Muster.Replication;
using Muster.Serving;

namespace Muster.Registry.Outcomes;

/// <summary>What leaves the machine on this replica, entry by entry on the replica's loop.</summary>
public sealed class RegistryOutcomes(
    AppliedAnswers<RegistryEvent, RegistryReply> answers,
    StateIntake<RegistryEntryCommand, RegistryEffect, RegistryMachine> states, ReplicaCurrency currency)
    : IEffectSink<RegistryEntryCommand, RegistryEffect>
{
    public void Applied(LogIndex index, bool own, IReadOnlyList<RegistryEffect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case RegistryEffect.Answer answer when own:
                    answers.Answer(answer.CommandId, answer.To, answer.Reply);
                    break;
                case RegistryEffect.RenewalAnswer renewal when own:
                    answers.AnswerRenewal(renewal.To, renewal.Reply);
                    break;
                case RegistryEffect.Restoration restoration when own:
                    states.Answer(restoration.Outcome);
                    break;
                case RegistryEffect.Delivery delivery:
                    answers.Deliver(delivery.Item);
                    break;
            }
        }
        answers.Finish();
    }

    public void Unknown(RegistryEntryCommand command)
    {
        if (command.StateRestoration is { } restoration)
        {
            states.Unknown(restoration);
            return;
        }
        AnswerNow(command, RegistryCommands.Unknown(RegistryCommands.IdOf(command)));
    }

    public void Refused(RegistryEntryCommand command)
    {
        if (command.StateRestoration is { } restoration)
        {
            states.Refused(restoration);
            return;
        }
        AnswerNow(command, RegistryCommands.Overloaded(RegistryCommands.IdOf(command)));
    }

    public void TooLarge(RegistryEntryCommand command)
    {
        if (command.StateRestoration is { } restoration)
        {
            states.TooLarge(restoration);
            return;
        }
        AnswerNow(command, RegistryCommands.TooLarge(RegistryCommands.IdOf(command)));
    }

    public void MachineReplaced() => currency.Forget();

    private void AnswerNow(RegistryEntryCommand command, RegistryReply reply) => answers.AnswerNow(
        RegistryCommands.IdOf(command), RegistryCommands.ReplyToOf(command), reply);
}
