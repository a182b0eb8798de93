using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Replication.Core;

namespace Muster.Detector.Machine;

/// <summary>One entry being applied: what its commands share, and the effects as they come to be.</summary>
internal sealed class Step(DetectorState state, AppliedEntry entry)
{
    private readonly List<DetectorEffect> _effects = [];
    private int _ordinal;

    public DetectorState State { get; private set; } = state;

    public LogIndex Index => entry.Index;

    public long LogTime => entry.LogTime;

    public long Now => State.Clock.Time;

    public long IssuedAt => entry.IssuedAt;

    public IReadOnlyList<DetectorEffect> Effects => _effects;

    public void Tell(DetectorEffect effect) => _effects.Add(effect);

    /// <summary>A restored state takes the place of the present one.</summary>
    public void GoOnWith(DetectorState restored) => State = restored;

    public void Publish(Func<EventId, DetectorEvent> eventOf)
    {
        var id = new EventId
        {
            Group = State.Genesis?.Group ?? "",
            Epoch = State.Epoch,
            Index = entry.Index,
            Ordinal = _ordinal++,
            Number = State.Events.Head + 1,
        };
        var item = new OutboxItem<DetectorEvent, DetectorUnknown>
        {
            Number = State.Outbox.LastNumber + 1,
            EventId = id,
            Event = eventOf(id),
        };
        State.Events.Add(item.Event, State.Limits.MaxKeptEvents);
        State.Outbox.Add(item);
        Tell(new DetectorEffect.Delivery(item));
    }
}
