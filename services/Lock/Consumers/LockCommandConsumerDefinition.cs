using MassTransit;
using Muster.Bus;

namespace Muster.Lock.Consumers;

/// <summary>The public endpoint's queue: one for all replicas, each command to one of them.</summary>
public sealed class LockCommandConsumerDefinition : ConsumerDefinition<LockCommandConsumer>
{
    /// <summary>
    /// Commands under way in one replica at most; they wait for a commit, not for a thread.
    /// </summary>
    public const int Concurrency = 256;

    public LockCommandConsumerDefinition(BusNames names)
    {
        EndpointName = names.Queue("muster-lock");
        ConcurrentMessageLimit = Concurrency;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<LockCommandConsumer> consumerConfigurator,
        IRegistrationContext context) => endpointConfigurator.PrefetchCount = Concurrency;
}
