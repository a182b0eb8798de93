using Muster.Contracts;

namespace Muster.Replication.Core;

/// <summary>
/// What must leave the group at least once: an event, a waiter's final answer, or both in one. An item with
/// neither address nor event does not exist.
/// </summary>
public sealed record OutboxItem<TEvent, TReply>
    where TEvent : class
    where TReply : class
{
    /// <summary>
    /// Counts the outbox's items densely from 1; not the event's number, since a refused wait is no event.
    /// </summary>
    public long Number { get; init; }

    public EventId? EventId { get; init; }

    public TEvent? Event { get; init; }

    /// <summary>
    /// Where the waiter's answer goes; null for an event alone, or a waiter that named no address.
    /// </summary>
    public ReplyAddress? ReplyTo { get; init; }

    /// <summary>The waiter's final answer.</summary>
    public TReply? Reply { get; init; }

    /// <summary>The replica that proposed the waiting command, or its newest duplicate.</summary>
    public string Origin { get; init; } = "";
}
