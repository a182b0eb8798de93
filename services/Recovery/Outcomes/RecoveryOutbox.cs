using Muster.Bus;
using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;
using Muster.Replication.Core;
using Muster.Serving;

namespace Muster.Recovery.Outcomes;

/// <summary>The recovery service's events on the bus, and its outbox's words in the log.</summary>
public sealed class RecoveryOutbox(IBusLink link) : IOutboxService<RecoveryEntryCommand, RecoveryEvent>
{
    public RecoveryEntryCommand Claim(OutboxClaim claim) => new() { Group = new() { OutboxClaim = claim } };

    public RecoveryEntryCommand Published(OutboxPublished published) =>
        new() { Group = new() { OutboxPublished = published } };

    public Type ContractOf(RecoveryEvent one) => one switch
    {
        { RecoveryStarted: not null } => typeof(RecoveryStarted),
        { StandbyPromoted: not null } => typeof(StandbyPromoted),
        { RecoveryCompleted: not null } => typeof(RecoveryCompleted),
        { RecoveryFailed: not null } => typeof(RecoveryFailed),
        { StateUpdated: not null } => typeof(StateUpdated),
        { GroupRemoved: not null } => typeof(GroupRemoved),
        _ => throw new InvalidOperationException("An outbox item's event is of no kind."),
    };

    public Task<bool> PublishAsync(RecoveryEvent one, CancellationToken cancellationToken) => one switch
    {
        { RecoveryStarted: { } started } => link.PublishEventAsync(started, cancellationToken),
        { StandbyPromoted: { } promoted } => link.PublishEventAsync(promoted, cancellationToken),
        { RecoveryCompleted: { } completed } => link.PublishEventAsync(completed, cancellationToken),
        { RecoveryFailed: { } failed } => link.PublishEventAsync(failed, cancellationToken),
        { StateUpdated: { } updated } => link.PublishEventAsync(updated, cancellationToken),
        { GroupRemoved: { } removed } => link.PublishEventAsync(removed, cancellationToken),
        _ => throw new InvalidOperationException("An outbox item's event is of no kind."),
    };

    public Task AnnounceHeadAsync(
        string group, long streamEpoch, long number, CancellationToken cancellationToken) =>
        link.PublishEventAsync(
            new RecoveryEventsHead { Group = group, Epoch = streamEpoch, Number = number },
            cancellationToken);
}
