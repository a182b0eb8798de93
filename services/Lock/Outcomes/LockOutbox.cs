using Muster.Bus;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;
using Muster.Serving;

namespace Muster.Lock.Outcomes;

/// <summary>The lock service's events on the bus, and its outbox's words in the log.</summary>
public sealed class LockOutbox(IBusLink link) : IOutboxService<LockEntryCommand, LockEvent>
{
    public LockEntryCommand Claim(OutboxClaim claim) => new() { OutboxClaim = claim };

    public LockEntryCommand Published(OutboxPublished published) => new() { OutboxPublished = published };

    public OutgoingEvent ToSend(LockEvent one) => one switch
    {
        { LockGranted: { } granted } => OutgoingEvent.Of(link, granted),
        { LockQueued: { } queued } => OutgoingEvent.Of(link, queued),
        { LockReleased: { } released } => OutgoingEvent.Of(link, released),
        { LockLost: { } lost } => OutgoingEvent.Of(link, lost),
        { SessionExpired: { } expired } => OutgoingEvent.Of(link, expired),
        { LeaderChanged: { } changed } => OutgoingEvent.Of(link, changed),
        _ => throw new InvalidOperationException("An outbox item's event is of no kind."),
    };

    public Task AnnounceHeadAsync(
        string group, long streamEpoch, long number, CancellationToken cancellationToken) =>
        link.PublishEventAsync(
            new LockEventsHead { Group = group, Epoch = streamEpoch, Number = number }, cancellationToken);
}
