using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Muster.Bus;
using Muster.Hosting;
using Muster.Lock.Consumers;
using Muster.Serving;

namespace Muster.Lock;

public static class AddMusterLockExtensions
{
    /// <summary>
    /// A lock process of its own: a replica of each group by configuration (<see
    /// cref="LockServiceOptions"/>), over RabbitMQ (<see cref="MusterBusOptions"/>), with its endpoint,
    /// health and status.
    /// </summary>
    public static IServiceCollection AddMusterLock(this IServiceCollection services)
    {
        services.AddReplicaProcess<LockServiceOptions>(
            "lock", LockServiceOptions.Section, LockServiceOptions.Problems);
        services.AddMusterEndpoints(register => register.AddLockEndpoint());
        services.AddNodeHeartbeats(provider =>
            "lock." + provider.GetRequiredService<IOptions<LockServiceOptions>>().Value.Replica);
        return services.AddLockReplica(
            "configured", provider => provider.GetRequiredService<IOptions<LockServiceOptions>>().Value);
    }

    /// <summary>
    /// One replica, of each group, of possibly several in this process; the first takes the endpoint's
    /// commands. Needs an <see cref="ILinkFactory"/> and the endpoints' <see cref="EnvelopeReplies"/>.
    /// </summary>
    public static IServiceCollection AddLockReplica(
        this IServiceCollection services, string key, Func<IServiceProvider, LockServiceOptions> options)
    {
        services.AddServedReplica(
            key,
            provider => new LockReplicas(options(provider), ServingSurroundings.Of(provider)),
            replica => replica.Served);
        services.TryAddSingleton(
            provider => provider.GetRequiredKeyedService<LockReplicas>(key).Router);
        return services;
    }

    /// <summary>
    /// The public endpoint <c>muster-lock</c>, shared by all replicas: any of them takes a command.
    /// </summary>
    public static void AddLockEndpoint(this IBusRegistrationConfigurator register) =>
        register.AddConsumer<LockCommandConsumer, LockCommandConsumerDefinition>();
}
