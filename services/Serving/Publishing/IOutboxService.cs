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

    /// <summary>The contract under which the event leaves.</summary>
    Type ContractOf(TEvent one);

    /// <summary>Publishes one event under its contract; returns when the broker has it.</summary>
    /// <returns>False: nobody is bound to the contract, and so nobody has it.</returns>
    /// <exception cref="Bus.EventNotPublishedException">Perhaps not published: it is tried again.</exception>
    Task<bool> PublishAsync(TEvent one, CancellationToken cancellationToken);

    /// <summary>Tells subscribers the newest event's number, so that they notice a lost last event.</summary>
    Task AnnounceHeadAsync(string group, long streamEpoch, long number, CancellationToken cancellationToken);
}
