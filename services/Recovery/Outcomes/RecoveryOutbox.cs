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

    public OutgoingEvent ToSend(RecoveryEvent one) => one switch
    {
        { RecoveryStarted: { } started } => OutgoingEvent.Of(link, started),
        { StandbyPromoted: { } promoted } => OutgoingEvent.Of(link, promoted),
        { RecoveryCompleted: { } completed } => OutgoingEvent.Of(link, completed),
        { RecoveryFailed: { } failed } => OutgoingEvent.Of(link, failed),
        { StateUpdated: { } updated } => OutgoingEvent.Of(link, updated),
        { GroupRemoved: { } removed } => OutgoingEvent.Of(link, removed),
        _ => throw new InvalidOperationException("An outbox item's event is of no kind."),
    };

    public Task AnnounceHeadAsync(
        string group, long streamEpoch, long number, CancellationToken cancellationToken) =>
        link.PublishEventAsync(
            new RecoveryEventsHead { Group = group, Epoch = streamEpoch, Number = number },
            cancellationToken);
}
