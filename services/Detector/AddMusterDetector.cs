using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Muster.Bus;
using Muster.Detector.Consumers;
using Muster.Hosting;
using Muster.Serving;

namespace Muster.Detector;

public static class AddMusterDetectorExtensions
{
    /// <summary>
    /// A detector process of its own: one instance by configuration (<see cref="DetectorOptions"/>), over
    /// RabbitMQ (<see cref="MusterBusOptions"/>), with its endpoint, health and status.
    /// </summary>
    public static IServiceCollection AddMusterDetector(this IServiceCollection services)
    {
        services.AddReplicaProcess<DetectorOptions>(
            "detector", DetectorOptions.Section, DetectorOptions.Problems);
        services.AddMusterEndpoints(register => register.AddDetectorEndpoint());
        return services.AddDetectorInstance(
            "configured", provider => provider.GetRequiredService<IOptions<DetectorOptions>>().Value);
    }

    /// <summary>
    /// One detector of possibly several in this process; the first takes the endpoint's queries. Needs an
    /// <see cref="ILinkFactory"/> and the endpoints' <see cref="EnvelopeReplies"/>. It beats under its own
    /// name, so its process needs no other heartbeats.
    /// </summary>
    public static IServiceCollection AddDetectorInstance(
        this IServiceCollection services, string key, Func<IServiceProvider, DetectorOptions> options)
    {
        services.AddServedReplica(
            key,
            provider => new DetectorInstance(options(provider), ServingSurroundings.Of(provider)),
            instance => instance.Served);
        services.AddSingleton<IHealthSource>(
            provider => provider.GetRequiredKeyedService<DetectorInstance>(key).Loop);
        services.TryAddSingleton(
            provider => provider.GetRequiredKeyedService<DetectorInstance>(key).Intake);
        return services;
    }

    /// <summary>
    /// The public endpoint <c>muster-detector</c>, shared by all detectors: any of them answers a query.
    /// </summary>
    public static void AddDetectorEndpoint(this IBusRegistrationConfigurator register) =>
        register.AddConsumer<DetectorQueryConsumer, DetectorQueryConsumerDefinition>();
}
