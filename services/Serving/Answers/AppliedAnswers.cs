using Muster.Contracts;
using Muster.Replication.Core;

namespace Muster.Serving;

/// <summary>
/// What leaves a replica as it applies entries, on the replica's loop. The replica that took a command
/// answers it; a waiter's late answer is sent at once by the one that took its command, and again by the
/// outbox's owner (receivers drop the second). A service's sink translates its effects to these calls and
/// ends each entry with <see cref="Finish"/>.
/// </summary>
public sealed class AppliedAnswers<TEvent, TReply>(
    string origin, ReplyBatches<TReply> replies, PendingAnswers pending, Action deliveriesChanged)
    where TEvent : class
    where TReply : class
{
    private readonly List<(ReplyAddress? To, string CommandId)> _answered = [];
    private readonly KeyValuePair<string, object?> _member = new("member", origin.Split('.')[0]);
    private bool _hasDeliveries;

    /// <summary>A command's direct answer; for entries that this replica proposed.</summary>
    public void Answer(string commandId, ReplyAddress? to, TReply reply)
    {
        replies.Gather(to, reply);
        _answered.Add((to, commandId));
    }

    /// <summary>A heartbeat's answer; for entries that this replica proposed.</summary>
    public void AnswerRenewal(ReplyAddress? to, object answered) => replies.SendContent(to, answered);

    /// <summary>An item now in the outbox, whoever proposed the entry.</summary>
    public void Deliver(OutboxItem<TEvent, TReply> item)
    {
        ArgumentNullException.ThrowIfNull(item);
        _hasDeliveries = true;
        if (item.Reply is { } reply && item.Origin == origin)
        {
            replies.Gather(item.ReplyTo, reply);
        }
    }

    /// <summary>
    /// The entry's effects are all told. Settles after the answers are sent: an acknowledged command that was
    /// not answered would be lost.
    /// </summary>
    public void Finish()
    {
        replies.Flush();
        foreach (var (to, commandId) in _answered)
        {
            pending.Settle(to, commandId);
        }
        CommandMeter.Applied.Add(_answered.Count, _member);
        _answered.Clear();
        if (_hasDeliveries)
        {
            _hasDeliveries = false;
            deliveriesChanged();
        }
    }

    /// <summary>
    /// An answer that no entry gives: unknown, or refused before it was proposed. Heartbeats and the
    /// replica's own commands have no id: nobody waits for them.
    /// </summary>
    public void AnswerNow(string commandId, ReplyAddress? to, TReply reply)
    {
        ArgumentNullException.ThrowIfNull(commandId);
        if (commandId.Length > 0)
        {
            replies.Send(to, reply);
            pending.Settle(to, commandId);
        }
    }
}
