using Muster.Bus;
using Muster.Contracts.Decisions;
using Muster.Decisions.Machine;
using Muster.Replication.Core;
using Muster.Serving;

namespace Muster.Decisions.Outcomes;

/// <summary>The decisions' events on the bus, and their outbox's words in the log.</summary>
public sealed class DecisionOutbox(IBusLink link) : IOutboxService<DecisionEntryCommand, ValueDecided>
{
    /// <summary>The contracts that leave.</summary>
    public static IEnumerable<Type> Contracts => [typeof(ValueDecided), typeof(DecisionEventsHead)];

    public DecisionEntryCommand Claim(OutboxClaim claim) => new() { OutboxClaim = claim };

    public DecisionEntryCommand Published(OutboxPublished published) => new() { OutboxPublished = published };

    public OutgoingEvent ToSend(ValueDecided one) => OutgoingEvent.Of(link, one);

    public Task AnnounceHeadAsync(
        string group, long streamEpoch, long number, CancellationToken cancellationToken) =>
        link.PublishEventAsync(
            new DecisionEventsHead { Group = group, Epoch = streamEpoch, Number = number },
            cancellationToken);
}
