using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>What one entry sends out, in the order in which it came to be.</summary>
public abstract record LockEffect
{
    private LockEffect()
    {
    }

    /// <summary>A command's direct answer; only the replica that proposed the entry sends it.</summary>
    public sealed record Answer(string CommandId, ReplyAddress? To, LockReply Reply) : LockEffect;

    /// <summary>A heartbeat's answer; only the replica that proposed the entry sends it.</summary>
    public sealed record RenewalAnswer(ReplyAddress? To, HeartbeatAnswered Reply) : LockEffect;

    /// <summary>
    /// An item now in the outbox. The outbox's owner publishes it and says so in the log; the replica named
    /// by the item's origin may send its reply at once as well, since the receiver drops the second.
    /// </summary>
    public sealed record Delivery(OutboxItem Item) : LockEffect;
}

/// <summary>
/// What must leave the group at least once: an event, a waiter's final answer, or both in one. An item with
/// neither address nor event does not exist.
/// </summary>
public sealed record OutboxItem
{
    /// <summary>
    /// Counts the outbox's items densely from 1; not the event's number, since a refused wait is no event.
    /// </summary>
    public long Number { get; init; }

    public EventId? EventId { get; init; }

    public LockEvent? Event { get; init; }

    /// <summary>
    /// Where the waiter's answer goes; null for an event alone, or a waiter that named no address.
    /// </summary>
    public ReplyAddress? ReplyTo { get; init; }

    /// <summary>The waiter's final answer.</summary>
    public LockReply? Reply { get; init; }

    /// <summary>The replica that proposed the waiting acquire, or its newest duplicate.</summary>
    public string Origin { get; init; } = "";
}
