using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Hosting;
using Muster.Lock.Consumers;
using Muster.Lock.Machine;
using Muster.Replication;

namespace Muster.Lock.Outcomes;

/// <summary>
/// What leaves the machine on this replica, entry by entry on the replica's loop. The replica that took a
/// command answers it; every replica applies the same entries, and a waiter's grant is sent at once by the
/// one that took its acquire, and again by the outbox's owner (receivers drop the second by event id).
/// </summary>
public sealed class LockOutcomes(
    string origin, LockReplies replies, IReplySender sender, PendingAnswers pending, Action deliveriesChanged)
    : IEffectSink<LockEntryCommand, LockEffect>
{
    public void Applied(LogIndex index, bool own, IReadOnlyList<LockEffect> effects)
    {
        var hasDeliveries = false;
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case LockEffect.Answer answer when own:
                    replies.Gather(answer.To, answer.Reply);
                    break;
                case LockEffect.RenewalAnswer renewal when own && renewal.To is not null:
                    sender.Send(renewal.To, renewal.Reply);
                    break;
                case LockEffect.Delivery delivery:
                    hasDeliveries = true;
                    SendAtOnce(delivery.Item);
                    break;
            }
        }
        replies.Flush();
        Settle(own, effects);
        if (hasDeliveries)
        {
            deliveriesChanged();
        }
    }

    public void Unknown(LockEntryCommand command) => Answer(
        command, new LockReply { LockUnknown = LockCommands.Unknown(LockCommands.IdOf(command)) });

    public void Refused(LockEntryCommand command) =>
        Answer(command, LockCommands.Overloaded(LockCommands.IdOf(command)));

    private void Answer(LockEntryCommand command, LockReply reply)
    {
        // Heartbeats and the replica's own commands have no id: nobody waits for them.
        if (LockCommands.IdOf(command) is { Length: > 0 } commandId)
        {
            var to = LockCommands.ReplyToOf(command);
            replies.Send(to, reply);
            pending.Settle(to, commandId);
        }
    }

    /// <summary>
    /// After the answers are sent: an acknowledged command that was not answered would be lost.
    /// </summary>
    private void Settle(bool own, IReadOnlyList<LockEffect> effects)
    {
        if (!own)
        {
            return;
        }
        foreach (var answer in effects.OfType<LockEffect.Answer>())
        {
            pending.Settle(answer.To, answer.CommandId);
        }
    }

    private void SendAtOnce(OutboxItem item)
    {
        if (item.Reply is { } reply && item.Origin == origin)
        {
            replies.Gather(item.ReplyTo, reply);
        }
    }
}
