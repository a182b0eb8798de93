using MassTransit;
using Muster.Bus;

namespace Muster.Registry.Consumers;

/// <summary>The public endpoint's queue: one for all replicas, each command to one of them.</summary>
public sealed class RegistryCommandConsumerDefinition : ConsumerDefinition<RegistryCommandConsumer>
{
    /// <summary>
    /// Commands under way in one replica at most; they wait for a commit, not for a thread.
    /// </summary>
    public const int Concurrency = 256;

    public RegistryCommandConsumerDefinition(BusNames names)
    {
        EndpointName = names.Queue("muster-registry");
        ConcurrentMessageLimit = Concurrency;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<RegistryCommandConsumer> consumerConfigurator,
        IRegistrationContext context) => endpointConfigurator.PrefetchCount = Concurrency;
}
