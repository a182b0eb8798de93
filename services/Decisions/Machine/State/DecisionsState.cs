using Muster.Contracts;
using Muster.Contracts.Decisions;
using Muster.Replication.Core;

namespace Muster.Decisions.Machine;

/// <summary>All that a decisions group knows; a snapshot is exactly this.</summary>
internal sealed class DecisionsState
{
    /// <summary>Epochs stay exact in JSON readers that know doubles only.</summary>
    public const long LargestNumber = (1L << 53) - 1;

    public required MachineClock Clock { get; init; }

    public Genesis? Genesis { get; set; }

    /// <summary>The group's life: above that of every life before.</summary>
    public long Epoch { get; set; } = 1;

    public LogIndex LastIndex { get; set; }

    public DecisionTable Decisions { get; } = new();

    public RestorationWindow Restorations { get; init; } = new();

    /// <summary>The newest events: of the current epoch only, so each is of a decision that is
    /// here.</summary>
    public EventRing<ValueDecided> Events { get; } = new();

    public Outbox<ValueDecided, DecisionReply> Outbox { get; } = new();

    public DecisionLimits Limits => Genesis?.Limits ?? DecisionLimits.Default;

    public Freshness Freshness =>
        new() { ClusterId = Genesis?.ClusterId ?? "", Epoch = Epoch, Index = LastIndex };

    public static OutboxItem<ValueDecided, DecisionReply> ItemOf(ValueDecided decided, long number) =>
        new() { Number = number, EventId = decided.Event, Event = decided };

    public ValueDecided EventOf(Decision decision, int ordinal, long number) => new()
    {
        Decision = decision,
        Event = new()
        {
            Group = Genesis?.Group ?? "",
            Epoch = decision.Epoch,
            Index = decision.Index,
            Ordinal = ordinal,
            Number = number,
        },
    };
}
