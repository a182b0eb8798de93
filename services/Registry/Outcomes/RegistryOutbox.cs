using Muster.Bus;
using Muster.Contracts.Registry;
using Muster.Registry.Machine;
using Muster.Replication.Core;
using Muster.Serving;

namespace Muster.Registry.Outcomes;

/// <summary>The registry's events on the bus, and its outbox's words in the log.</summary>
public sealed class RegistryOutbox(IBusLink link) : IOutboxService<RegistryEntryCommand, RegistryEvent>
{
    public RegistryEntryCommand Claim(OutboxClaim claim) => new() { OutboxClaim = claim };

    public RegistryEntryCommand Published(OutboxPublished published) =>
        new() { OutboxPublished = published };

    public OutgoingEvent ToSend(RegistryEvent one) => one switch
    {
        { InstanceRegistered: { } registered } => OutgoingEvent.Of(link, registered),
        { InstanceChanged: { } changed } => OutgoingEvent.Of(link, changed),
        { InstanceRemoved: { } removed } => OutgoingEvent.Of(link, removed),
        { ConfigChanged: { } changed } => OutgoingEvent.Of(link, changed),
        _ => throw new InvalidOperationException("An outbox item's event is of no kind."),
    };

    public Task AnnounceHeadAsync(
        string group, long streamEpoch, long number, CancellationToken cancellationToken) =>
        link.PublishEventAsync(
            new RegistryEventsHead { Group = group, Epoch = streamEpoch, Number = number },
            cancellationToken);
}
