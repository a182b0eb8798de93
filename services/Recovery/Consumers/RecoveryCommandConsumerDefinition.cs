using MassTransit;
using Muster.Bus;

namespace Muster.Recovery.Consumers;

/// <summary>The public endpoint's queue: one for all replicas, each command to one of them.</summary>
public sealed class RecoveryCommandConsumerDefinition : ConsumerDefinition<RecoveryCommandConsumer>
{
    /// <summary>
    /// Commands under way in one replica at most; each may carry 256 KiB of state.
    /// </summary>
    public const int Concurrency = 128;

    public RecoveryCommandConsumerDefinition(BusNames names)
    {
        ArgumentNullException.ThrowIfNull(names);
        EndpointName = names.Queue("muster-recovery");
        ConcurrentMessageLimit = Concurrency;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<RecoveryCommandConsumer> consumerConfigurator,
        IRegistrationContext context) => endpointConfigurator.PrefetchCount = Concurrency;
}
