using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Recovery.Machine;

/// <summary>What one entry sends out, in the order in which it came to be.</summary>
public abstract record RecoveryEffect
{
    private RecoveryEffect()
    {
    }

    /// <summary>A command's answer; only the replica that proposed the entry sends it.</summary>
    public sealed record Answer(string CommandId, ReplyAddress? To, RecoveryReply Reply) : RecoveryEffect;

    /// <summary>A verdict is applied, or was before: its message may be acknowledged.</summary>
    public sealed record VerdictTaken(EventId Event) : RecoveryEffect;

    /// <summary>A recovery has begun, or was claimed: there may be a step to do.</summary>
    public sealed record PlanMoved(string RecoveryId) : RecoveryEffect;

    /// <summary>An event now in the outbox; the outbox's owner publishes it.</summary>
    public sealed record Delivery(OutboxItem<RecoveryEvent, RecoveryReply> Item) : RecoveryEffect;

    /// <summary>A restoration's answer; only the replica that proposed the entry sends it.</summary>
    public sealed record RestorationAnswer(RestorationOutcome Outcome) : RecoveryEffect;
}
