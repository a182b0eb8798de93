using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>One entry being applied: what its commands share, and the effects as they come to be.</summary>
internal sealed class Step(LockState state, AppliedEntry entry)
{
    private readonly List<LockEffect> _effects = [];
    private LockState _state = state;
    private int _ordinal;

    public LockState State => _state;

    public LockLimits Limits => _state.Limits;

    public long Now => _state.Clock.Time;

    public AppliedEntry Entry => entry;

    public string Origin => entry.Origin;

    public long IssuedAt => entry.IssuedAt;

    /// <summary>
    /// A first copy of the entry could be forgotten already, so nothing of it may be done.
    /// </summary>
    public bool IsTooOld =>
        ProposalAge.IsTooOld(entry.IssuedAt, Now, _state.Answers.WindowMilliseconds);

    public IReadOnlyList<LockEffect> Effects => _effects;

    public void Answer(CommandHead head, LockReply reply) =>
        _effects.Add(new LockEffect.Answer(head.CommandId, head.ReplyTo, reply));

    public void Answer(ReplyAddress? to, HeartbeatAnswered reply) =>
        _effects.Add(new LockEffect.RenewalAnswer(to, reply));

    public void Taken(NodeCrash crash) => _effects.Add(new LockEffect.CrashTaken(crash));

    public void Answer(RestorationOutcome outcome) => _effects.Add(new LockEffect.Restoration(outcome));

    public void Note(LockFact fact) => _effects.Add(new LockEffect.Noted(fact));

    /// <summary>What follows in this entry is applied to another state.</summary>
    public void GoOnWith(LockState restored) => _state = restored;

    public LockReply Refuse(string commandId, Refusal refusal) => new()
    {
        LockRefused = new()
        {
            CommandId = commandId,
            Reason = refusal.Reason,
            Message = refusal.Message,
            Freshness = _state.Freshness,
        },
    };

    public LockReply Refuse(string commandId, LockRefusal reason, string message) =>
        Refuse(commandId, new Refusal(reason, message));

    /// <summary>Why nothing new is taken: too much waits to be published. Null when there is room.</summary>
    public Refusal? CheckOutbox() =>
        _state.Outbox.Count < Limits.MaxOutbox ? null : new(LockRefusal.LimitReached,
            $"{_state.Outbox.Count} deliveries wait to be published, at most {Limits.MaxOutbox}.");

    /// <summary>The id of the event that is published next, and of no other.</summary>
    public EventId NextEvent() => new()
    {
        Group = _state.Genesis?.Group ?? "",
        Epoch = _state.Epoch,
        Index = entry.Index,
        Ordinal = _ordinal,
        Number = _state.Events.Head + 1,
    };

    public void Publish(EventId id, LockEvent lockEvent) => Publish(id, lockEvent, null, null);

    /// <summary>An event that is also the final answer to a waiter.</summary>
    public void Publish(EventId id, LockEvent lockEvent, Acquire? waiter, LockReply? reply)
    {
        if (id.Number != _state.Events.Head + 1)
        {
            throw new InvalidOperationException($"Event {id.Number} does not follow {_state.Events.Head}.");
        }
        _ordinal++;
        _state.Events.Add(lockEvent, Limits.MaxKeptEvents);
        Deliver(new OutboxItem<LockEvent, LockReply>
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
            Deliver(new OutboxItem<LockEvent, LockReply>
            {
                ReplyTo = waiter.ReplyTo,
                Reply = reply,
                Origin = waiter.Origin,
            });
        }
    }

    private void Deliver(OutboxItem<LockEvent, LockReply> item)
    {
        var numbered = item with { Number = _state.Outbox.LastNumber + 1 };
        _state.Outbox.Add(numbered);
        _effects.Add(new LockEffect.Delivery(numbered));
    }
}
