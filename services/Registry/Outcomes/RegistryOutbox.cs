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

    public Type ContractOf(RegistryEvent one) => one switch
    {
        { InstanceRegistered: not null } => typeof(InstanceRegistered),
        { InstanceChanged: not null } => typeof(InstanceChanged),
        { InstanceRemoved: not null } => typeof(InstanceRemoved),
        { ConfigChanged: not null } => typeof(ConfigChanged),
        _ => throw new InvalidOperationException("An outbox item's event is of no kind."),
    };

    public Task<bool> PublishAsync(RegistryEvent one, CancellationToken cancellationToken) => one switch
    {
        { InstanceRegistered: { } registered } => link.PublishEventAsync(registered, cancellationToken),
        { InstanceChanged: { } changed } => link.PublishEventAsync(changed, cancellationToken),
        { InstanceRemoved: { } removed } => link.PublishEventAsync(removed, cancellationToken),
        { ConfigChanged: { } changed } => link.PublishEventAsync(changed, cancellationToken),
        _ => throw new InvalidOperationException("An outbox item's event is of no kind."),
    };

    public Task AnnounceHeadAsync(
        string group, long streamEpoch, long number, CancellationToken cancellationToken) =>
        link.PublishEventAsync(
            new RegistryEventsHead { Group = group, Epoch = streamEpoch, Number = number },
            cancellationToken);
}
