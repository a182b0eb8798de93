using Muster.Contracts;
using Muster.Contracts.Decisions;
using Muster.Replication.Core;

namespace Muster.Decisions.Machine;

/// <summary>One entry being applied: what its commands share, and the effects as they come to be.</summary>
internal sealed class Step(DecisionsState state, AppliedEntry entry)
{
    private readonly List<DecisionEffect> _effects = [];
    private int _ordinal;

    public DecisionsState State { get; private set; } = state;

    public LogIndex Index => entry.Index;

    public long LogTime => entry.LogTime;

    public long Now => State.Clock.Time;

    public long IssuedAt => entry.IssuedAt;

    public IReadOnlyList<DecisionEffect> Effects => _effects;

    public void Tell(DecisionEffect effect) => _effects.Add(effect);

    /// <summary>A restored state takes the place of the present one.</summary>
    public void GoOnWith(DecisionsState restored) => State = restored;

    public DecisionReply Refuse(string commandId, Refusal refusal) => new()
    {
        DecisionRefused = new()
        {
            CommandId = commandId,
            Reason = refusal.Reason,
            Message = refusal.Message,
            Freshness = State.Freshness,
        },
    };

    public void Publish(Decision decision)
    {
        var decided = State.EventOf(decision, _ordinal++, State.Events.Head + 1);
        var item = DecisionsState.ItemOf(decided, State.Outbox.LastNumber + 1);
        State.Events.Add(decided, State.Limits.MaxKeptEvents);
        State.Outbox.Add(item);
        Tell(new DecisionEffect.Delivery(item));
    }
}
