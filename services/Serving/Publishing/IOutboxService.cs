using Muster.Replication.Core;

namespace Muster.Serving;

/// <summary>What differs between services in publishing an outbox.</summary>
public interface IOutboxService<TCommand, TEvent>
    where TEvent : class
{
    /// <summary>The claim as the service's log takes it.</summary>
    TCommand Claim(OutboxClaim claim);

    /// <summary>The report as the service's log takes it.</summary>
    TCommand Published(OutboxPublished published);

    /// <summary>The event as it leaves, and under which contract; publishes nothing.</summary>
    OutgoingEvent ToSend(TEvent one);

    /// <summary>Tells subscribers the newest event's number, so that they notice a lost last event.</summary>
    Task AnnounceHeadAsync(string group, long streamEpoch, long number, CancellationToken cancellationToken);
}
