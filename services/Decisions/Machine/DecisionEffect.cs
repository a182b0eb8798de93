using Muster.Contracts;
using Muster.Contracts.Decisions;
using Muster.Replication.Core;

namespace Muster.Decisions.Machine;

/// <summary>What one entry sends out, in the order in which it came to be.</summary>
public abstract record DecisionEffect
{
    private DecisionEffect()
    {
    }

    /// <summary>A command's answer; only the replica that proposed the entry sends it.</summary>
    public sealed record Answer(string CommandId, ReplyAddress? To, DecisionReply Reply) : DecisionEffect;

    /// <summary>What became of a restoration; only the replica that proposed it answers.</summary>
    public sealed record Restoration(RestorationOutcome Outcome) : DecisionEffect;

    /// <summary>An event now in the outbox, which its owner publishes.</summary>
    public sealed record Delivery(OutboxItem<ValueDecided, DecisionReply> Item) : DecisionEffect;
}
