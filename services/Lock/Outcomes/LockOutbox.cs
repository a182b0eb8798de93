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

    public Type ContractOf(LockEvent one) => one switch
    {
        { LockGranted: not null } => typeof(LockGranted),
        { LockQueued: not null } => typeof(LockQueued),
        { LockReleased: not null } => typeof(LockReleased),
        { LockLost: not null } => typeof(LockLost),
        { SessionExpired: not null } => typeof(SessionExpired),
        { LeaderChanged: not null } => typeof(LeaderChanged),
        _ => throw new InvalidOperationException("An outbox item's event is of no kind."),
    };

    public Task<bool> PublishAsync(LockEvent one, CancellationToken cancellationToken) => one switch
    {
        { LockGranted: { } granted } => link.PublishEventAsync(granted, cancellationToken),
        { LockQueued: { } queued } => link.PublishEventAsync(queued, cancellationToken),
        { LockReleased: { } released } => link.PublishEventAsync(released, cancellationToken),
        { LockLost: { } lost } => link.PublishEventAsync(lost, cancellationToken),
        { SessionExpired: { } expired } => link.PublishEventAsync(expired, cancellationToken),
        { LeaderChanged: { } changed } => link.PublishEventAsync(changed, cancellationToken),
        _ => throw new InvalidOperationException("An outbox item's event is of no kind."),
    };

    public Task AnnounceHeadAsync(
        string group, long streamEpoch, long number, CancellationToken cancellationToken) =>
        link.PublishEventAsync(
            new LockEventsHead { Group = group, Epoch = streamEpoch, Number = number }, cancellationToken);
}
