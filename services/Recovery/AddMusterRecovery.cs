using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Muster.Bus;
using Muster.Contracts.Recovery;
using Muster.Hosting;
using Muster.Recovery.Consumers;
using Muster.Serving;

namespace Muster.Recovery;

public static class AddMusterRecoveryExtensions
{
    /// <summary>
    /// A recovery process of its own: one replica by configuration (<see cref="RecoveryServiceOptions"/>),
    /// over RabbitMQ (<see cref="MusterBusOptions"/>), with its endpoint, health and status.
    /// </summary>
    /// <param name="services">The process's services.</param>
    /// <param name="atPoint">A seam for tests; see <see cref="AddRecoveryReplica"/>.</param>
    public static IServiceCollection AddMusterRecovery(
        this IServiceCollection services, Func<RecoveryStep, string, Task>? atPoint = null)
    {
        services.AddReplicaProcess<RecoveryServiceOptions>(
            "recovery", RecoveryServiceOptions.Section, RecoveryServiceOptions.Problems);
        services.AddMusterEndpoints(register => register.AddRecoveryEndpoint());
        services.AddNodeHeartbeats(provider =>
            "recovery." + provider.GetRequiredService<IOptions<RecoveryServiceOptions>>().Value.Replica);
        return services.AddRecoveryReplica(
            "configured", provider => provider.GetRequiredService<IOptions<RecoveryServiceOptions>>().Value,
            atPoint);
    }

    /// <summary>
    /// One replica of possibly several in this process; the first takes the endpoint's commands. Needs an
    /// <see cref="ILinkFactory"/> and the endpoints' <see cref="EnvelopeReplies"/>.
    /// </summary>
    /// <param name="services">The process's services.</param>
    /// <param name="key">Tells the replicas of one process apart.</param>
    /// <param name="options">The replica's options.</param>
    /// <param name="atPoint">A seam for tests: awaited before and after everything that executes a step of a
    /// recovery; one that throws ends the replica there, as a crash would. See <see
    /// cref="Executing.ExecutionPoints"/>.</param>
    public static IServiceCollection AddRecoveryReplica(
        this IServiceCollection services, string key, Func<IServiceProvider, RecoveryServiceOptions> options,
        Func<RecoveryStep, string, Task>? atPoint = null)
    {
        services.AddServedReplica(
            key,
            provider => new RecoveryReplica(options(provider), ServingSurroundings.Of(provider), atPoint),
            replica => replica.Served);
        services.TryAddSingleton(
            provider => provider.GetRequiredKeyedService<RecoveryReplica>(key).Intake);
        services.TryAddSingleton(
            provider => provider.GetRequiredKeyedService<RecoveryReplica>(key).Backups);
        return services;
    }

    /// <summary>
    /// The public endpoint <c>muster-recovery</c>, shared by all replicas: any of them takes a command.
    /// </summary>
    public static void AddRecoveryEndpoint(this IBusRegistrationConfigurator register) =>
        register.AddConsumer<RecoveryCommandConsumer, RecoveryCommandConsumerDefinition>();
}
