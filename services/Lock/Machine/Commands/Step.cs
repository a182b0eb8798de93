using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>One entry being applied: what its commands share, and the effects as they come to be.</summary>
internal sealed class Step(LockState state, AppliedEntry entry)
{
    private readonly List<LockEffect> _effects = [];
    private int _ordinal;

    public LockState State => state;

    public LockLimits Limits => state.Limits;

    public long Now => state.Clock.Time;

    public string Origin => entry.Origin;

    public long IssuedAt => entry.IssuedAt;

    public IReadOnlyList<LockEffect> Effects => _effects;

    public void Answer(CommandHead head, LockReply reply) =>
        _effects.Add(new LockEffect.Answer(head.CommandId, head.ReplyTo, reply));

    public void Answer(ReplyAddress? to, HeartbeatAnswered reply) =>
        _effects.Add(new LockEffect.RenewalAnswer(to, reply));

    public LockReply Refuse(string commandId, Refusal refusal) => new()
    {
        LockRefused = new()
        {
            CommandId = commandId,
            Reason = refusal.Reason,
            Message = refusal.Message,
            Freshness = state.Freshness,
        },
    };

    public LockReply Refuse(string commandId, LockRefusal reason, string message) =>
        Refuse(commandId, new Refusal(reason, message));

    /// <summary>Why nothing new is taken: too much waits to be published. Null when there is room.</summary>
    public Refusal? CheckOutbox() =>
        state.Outbox.Count < Limits.MaxOutbox ? null : new(LockRefusal.LimitReached,
            $"{state.Outbox.Count} deliveries wait to be published, at most {Limits.MaxOutbox}.");

    /// <summary>The id of the event that is published next, and of no other.</summary>
    public EventId NextEvent() => new()
    {
        Group = state.Genesis?.Group ?? "",
        Index = entry.Index,
        Ordinal = _ordinal,
        Number = state.Events.Head + 1,
    };

    public void Publish(EventId id, LockEvent lockEvent) => Publish(id, lockEvent, null, null);

    /// <summary>An event that is also the final answer to a waiter.</summary>
    public void Publish(EventId id, LockEvent lockEvent, Acquire? waiter, LockReply? reply)
    {
        if (id.Number != state.Events.Head + 1)
        {
            throw new InvalidOperationException($"Event {id.Number} does not follow {state.Events.Head}.");
        }
        _ordinal++;
        state.Events.Add(lockEvent, Limits.MaxKeptEvents);
        Deliver(new OutboxItem
        {
            EventId = id,
            Event = lockEvent,
            ReplyTo = waiter?.ReplyTo,
            Reply = waiter?.ReplyTo is null ? null : reply,
            Origin = waiter?.Origin ?? "",
        });
    }

    /// <summary>
    /// A waiter's final answer that is no event. Who named no address learns it from a repeat or a heartbeat.
    /// </summary>
    public void Deliver(Acquire waiter, LockReply reply)
    {
        if (waiter.ReplyTo is not null)
        {
            Deliver(new OutboxItem { ReplyTo = waiter.ReplyTo, Reply = reply, Origin = waiter.Origin });
        }
    }

    private void Deliver(OutboxItem item)
    {
        var numbered = item with { Number = state.Outbox.LastNumber + 1 };
        state.Outbox.Add(numbered);
        _effects.Add(new LockEffect.Delivery(numbered));
    }
}
