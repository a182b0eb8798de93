using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Registry;
using Muster.Replication.Core;

namespace Muster.Registry.Machine;

/// <summary>What one entry sends out, in the order in which it came to be.</summary>
public abstract record RegistryEffect
{
    private RegistryEffect()
    {
    }

    /// <summary>A command's answer; only the replica that proposed the entry sends it.</summary>
    public sealed record Answer(string CommandId, ReplyAddress? To, RegistryReply Reply) : RegistryEffect;

    /// <summary>A heartbeat's answer; only the replica that proposed the entry sends it.</summary>
    public sealed record RenewalAnswer(ReplyAddress? To, HeartbeatAnswered Reply) : RegistryEffect;

    /// <summary>What became of a restoration; only the replica that proposed the entry sends it.</summary>
    public sealed record Restoration(RestorationOutcome Outcome) : RegistryEffect;

    /// <summary>
    /// An item now in the outbox, which its owner publishes. A service's view changes with its events.
    /// </summary>
    public sealed record Delivery(OutboxItem<RegistryEvent, RegistryReply> Item) : RegistryEffect;
}
