using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Recovery.Machine;

/// <summary>One entry being applied: what its commands share, and the effects as they come to be.</summary>
internal sealed class Step(RecoveryState state, AppliedEntry entry)
{
    private readonly List<RecoveryEffect> _effects = [];
    private int _ordinal;
    private int _plans;

    /// <summary>Another one after a restoration.</summary>
    public RecoveryState State { get; private set; } = state;

    public RecoveryLimits Limits => State.Limits;

    public long Now => State.Clock.Time;

    public AppliedEntry Entry => entry;

    /// <summary>
    /// A first copy of the entry could be forgotten already, so nothing of it may be done.
    /// </summary>
    public bool IsTooOld =>
        ProposalAge.IsTooOld(entry.IssuedAt, Now, State.Answers.WindowMilliseconds);

    public IReadOnlyList<RecoveryEffect> Effects => _effects;

    public void Replace(RecoveryState restored) => State = restored;

    public void Answer(CommandHead head, RecoveryReply reply) =>
        _effects.Add(new RecoveryEffect.Answer(head.CommandId, head.ReplyTo, reply));

    public void Answer(RestorationOutcome outcome) =>
        _effects.Add(new RecoveryEffect.RestorationAnswer(outcome));

    public void Taken(EventId verdict) => _effects.Add(new RecoveryEffect.VerdictTaken(verdict));

    public void Moved(Plan plan) => _effects.Add(new RecoveryEffect.PlanMoved(plan.Id));

    public RecoveryReply Refuse(string commandId, Refusal refusal) => new()
    {
        RecoveryRefused = new()
        {
            CommandId = commandId,
            Reason = refusal.Reason,
            Message = refusal.Message,
            Freshness = State.Freshness,
        },
    };

    public RecoveryReply Refuse(string commandId, RecoveryRefusal reason, string message) =>
        Refuse(commandId, new Refusal(reason, message));

    public RecoveryReply Accept(string commandId, string group) => new()
    {
        RecoveryAccepted = new()
        {
            CommandId = commandId,
            Group = State.Groups.Find(group) is { } known ? GroupView.Of(known) : new() { Group = group },
            Freshness = State.Freshness,
        },
    };

    /// <summary>Why nothing that makes an event is taken. Null when there is room.</summary>
    public Refusal? CheckOutbox() =>
        State.Outbox.Count < Limits.MaxOutbox ? null : new(RecoveryRefusal.LimitReached,
            $"{State.Outbox.Count} events wait to be published, at most {Limits.MaxOutbox}.");

    /// <summary>Of this entry and no other, in any epoch.</summary>
    public string NextRecoveryId() =>
        $"{State.Genesis?.Group}-{State.Epoch}-{entry.Index.Value}-{++_plans}";

    public void Publish(Func<EventId, RecoveryEvent> lay)
    {
        var id = new EventId
        {
            Group = State.Genesis?.Group ?? "",
            Epoch = State.Epoch,
            Index = entry.Index,
            Ordinal = _ordinal++,
            Number = State.Events.Head + 1,
        };
        var recoveryEvent = lay(id);
        State.Events.Add(recoveryEvent, Limits.MaxKeptEvents);
        var item = new OutboxItem<RecoveryEvent, RecoveryReply>
        {
            Number = State.Outbox.LastNumber + 1,
            EventId = id,
            Event = recoveryEvent,
        };
        State.Outbox.Add(item);
        _effects.Add(new RecoveryEffect.Delivery(item));
    }
}
