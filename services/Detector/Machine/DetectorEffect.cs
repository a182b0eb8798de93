using Muster.Contracts.Detector;
using Muster.Replication.Core;

namespace Muster.Detector.Machine;

/// <summary>What one entry sends out, in the order in which it came to be.</summary>
public abstract record DetectorEffect
{
    private DetectorEffect()
    {
    }

    /// <summary>What became of a restoration; only the replica that proposed it answers.</summary>
    public sealed record Restoration(RestorationOutcome Outcome) : DetectorEffect;

    /// <summary>An event now in the outbox, which its owner publishes.</summary>
    public sealed record Delivery(OutboxItem<DetectorEvent, DetectorUnknown> Item) : DetectorEffect;
}
