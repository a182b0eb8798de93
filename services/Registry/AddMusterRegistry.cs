using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Muster.Bus;
using Muster.Hosting;
using Muster.Registry.Consumers;
using Muster.Serving;
using Muster.Views;

namespace Muster.Registry;

public static class AddMusterRegistryExtensions
{
    /// <summary>
    /// A registry process of its own: one replica by configuration (<see cref="RegistryServiceOptions"/>),
    /// over RabbitMQ (<see cref="MusterBusOptions"/>), with its endpoint, health and status, and views in
    /// Redis where one is configured (<see cref="RedisOptions"/>).
    /// </summary>
    public static IServiceCollection AddMusterRegistry(this IServiceCollection services)
    {
        services.AddReplicaProcess<RegistryServiceOptions>(
            "registry", RegistryServiceOptions.Section, RegistryServiceOptions.Problems);
        services.AddRedisViews();
        services.AddMusterEndpoints(register => register.AddRegistryEndpoint());
        services.AddNodeHeartbeats(provider =>
            "registry." + provider.GetRequiredService<IOptions<RegistryServiceOptions>>().Value.Replica);
        return services.AddRegistryReplica(
            "configured", provider => provider.GetRequiredService<IOptions<RegistryServiceOptions>>().Value);
    }

    /// <summary>
    /// One replica of possibly several in this process; the first takes the endpoint's commands. Needs an
    /// <see cref="ILinkFactory"/> and the endpoints' <see cref="EnvelopeReplies"/>; writes views to the
    /// <see cref="IServiceViews"/> that is registered, if one is.
    /// </summary>
    public static IServiceCollection AddRegistryReplica(
        this IServiceCollection services, string key, Func<IServiceProvider, RegistryServiceOptions> options)
    {
        services.AddServedReplica(
            key,
            provider => new RegistryReplica(
                options(provider), ServingSurroundings.Of(provider),
                provider.GetService<IServiceViews>() ?? new NoServiceViews()),
            replica => replica.Served);
        services.TryAddSingleton(
            provider => provider.GetRequiredKeyedService<RegistryReplica>(key).Intake);
        return services;
    }

    /// <summary>
    /// The public endpoint <c>muster-registry</c>, shared by all replicas: any of them takes a command.
    /// </summary>
    public static void AddRegistryEndpoint(this IBusRegistrationConfigurator register) =>
        register.AddConsumer<RegistryCommandConsumer, RegistryCommandConsumerDefinition>();
}
