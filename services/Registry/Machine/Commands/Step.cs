using Muster.Contracts;
using Muster.Contracts.Registry;
using Muster.Replication.Core;

namespace Muster.Registry.Machine;

/// <summary>One entry being applied: what its commands share, and the effects as they come to be.</summary>
internal sealed class Step(RegistryState state, AppliedEntry entry)
{
    private readonly List<RegistryEffect> _effects = [];
    private int _ordinal;

    /// <summary>Another one after a restoration.</summary>
    public RegistryState State { get; private set; } = state;

    public RegistryLimits Limits => State.Limits;

    public long Now => State.Clock.Time;

    public LogIndex Index => entry.Index;

    public long LogTime => entry.LogTime;

    /// <summary>When the entry was proposed, on the clock of the state before it.</summary>
    public long IssuedAt => entry.IssuedAt;

    /// <summary>
    /// A first copy of the entry could be forgotten already, so nothing of it may be done.
    /// </summary>
    public bool IsTooOld =>
        ProposalAge.IsTooOld(entry.IssuedAt, Now, State.Answers.WindowMilliseconds);

    public IReadOnlyList<RegistryEffect> Effects => _effects;

    public void Tell(RegistryEffect effect) => _effects.Add(effect);

    public RegistryReply Refuse(string commandId, Refusal refusal, ConfigEntry? current = null) => new()
    {
        RegistryRefused = new()
        {
            CommandId = commandId,
            Reason = refusal.Reason,
            Message = refusal.Message,
            Current = current,
            Freshness = State.Freshness,
        },
    };

    public RegistryReply Refuse(string commandId, RegistryRefusal reason, string message) =>
        Refuse(commandId, new Refusal(reason, message));

    /// <summary>Why nothing new is taken: too much waits to be published. Null when there is room.</summary>
    public Refusal? CheckOutbox()
    {
        var (waiting, bytes) = (State.Events.Outbox.Count, State.Events.UnpublishedBytes);
        return waiting < Limits.MaxOutbox && bytes < Limits.MaxOutboxBytes ? null
            : new(RegistryRefusal.LimitReached,
                $"{waiting} events of {bytes} bytes wait to be published, at most {Limits.MaxOutbox} "
                + $"and {Limits.MaxOutboxBytes}.");
    }

    /// <summary>The id of the event that is published next, and of no other.</summary>
    public EventId NextEvent() => new()
    {
        Group = State.Genesis?.Group ?? "",
        Epoch = State.Epoch,
        Index = entry.Index,
        Ordinal = _ordinal,
        Number = State.Events.Head + 1,
    };

    public void Publish(EventId id, RegistryEvent registryEvent)
    {
        if (id.Number != State.Events.Head + 1)
        {
            throw new InvalidOperationException($"Event {id.Number} does not follow {State.Events.Head}.");
        }
        _ordinal++;
        var item = new OutboxItem<RegistryEvent, RegistryReply>
        {
            Number = State.Events.Outbox.LastNumber + 1,
            EventId = id,
            Event = registryEvent,
        };
        State.Events.Add(item, Limits);
        _effects.Add(new RegistryEffect.Delivery(item));
    }

    /// <summary>The rest of the entry is applied to another state.</summary>
    public void GoOnWith(RegistryState other) => State = other;
}
