using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Muster.Bus;
using Muster.Consensus.Transport;
using Muster.Decisions;
using Muster.Hosting;

namespace Muster.Consensus;

public static class AddMusterConsensusExtensions
{
    /// <summary>
    /// A consensus process of its own: one node by configuration (<see cref="ConsensusOptions"/>), over
    /// RabbitMQ (<see cref="MusterBusOptions"/>), with its endpoint, health and status.
    /// </summary>
    public static IServiceCollection AddMusterConsensus(this IServiceCollection services)
    {
        services.AddValidatedOptions<ConsensusOptions>(ConsensusOptions.Section, ConsensusOptions.Problems);
        services.AddServiceStart("consensus", StartFacts);
        // Before all else, which is made and started while the node reads its logs.
        services.AddConsensusNode(
            "configured", provider => provider.GetRequiredService<IOptions<ConsensusOptions>>().Value);
        services.AddMusterWeb();
        services.AddMusterTelemetry("consensus");
        services.AddMusterEndpoints(register =>
        {
            register.AddConsensusEndpoint();
            register.AddDecisionsEndpoint();
        });
        services.AddMusterLinks("muster consensus");
        services.AddNodeHeartbeats(provider =>
            "consensus." + provider.GetRequiredService<IOptions<ConsensusOptions>>().Value.Node);
        services.TryAddSingleton(provider => provider.GetRequiredService<ConsensusNodeHost>().Link);
        services.AddValidatedOptions<DecisionsOptions>(DecisionsOptions.Section, DecisionsOptions.Problems);
        services.AddNodeDecisions(
            "configured", provider => provider.GetRequiredService<IOptions<ConsensusOptions>>().Value,
            provider => provider.GetRequiredService<IOptions<DecisionsOptions>>().Value);
        return services.Configure<HostOptions>(host =>
        {
            host.ServicesStartConcurrently = true;
            host.ServicesStopConcurrently = true;
            host.ShutdownTimeout = TimeSpan.FromSeconds(3);
        });
    }

    /// <summary>One node of possibly several in this process. Needs an <see cref="ILinkFactory"/>.</summary>
    public static IServiceCollection AddConsensusNode(
        this IServiceCollection services, string key, Func<IServiceProvider, ConsensusOptions> options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddKeyedSingleton(
            key, (provider, _) => new ConsensusNodeHost(options(provider), Surroundings(provider)));
        services.AddSingleton(Find);
        services.AddSingleton<IHostedService>(Find);
        services.AddSingleton<IHealthSource>(Find);
        services.AddSingleton<IStatusSource>(Find);
        services.AddSingleton<IMetricSource>(Find);
        return services;

        ConsensusNodeHost Find(IServiceProvider provider) =>
            provider.GetRequiredKeyedService<ConsensusNodeHost>(key);
    }

    /// <summary>
    /// The decisions beside a node of this process, if it keeps their group. Their fault is not the node's:
    /// it goes on without them.
    /// </summary>
    public static IServiceCollection AddNodeDecisions(
        this IServiceCollection services, string key, Func<IServiceProvider, ConsensusOptions> node,
        Func<IServiceProvider, DecisionsOptions> options) =>
        services.AddDecisionsReplica(
            key,
            provider =>
            {
                var (own, decisions) = (node(provider), options(provider));
                return own.EffectiveGroups.Contains(decisions.Group, StringComparer.Ordinal)
                    ? decisions.For(own.Node, own.ClusterId)
                    : null;
            },
            provider => provider.GetServices<ConsensusNodeHost>().First().Link);

    /// <summary>
    /// The public endpoint <c>consensus</c>, shared by all nodes: any of them takes a request.
    /// </summary>
    public static void AddConsensusEndpoint(this IBusRegistrationConfigurator register) =>
        register.AddConsumer<ConsensusConsumer, ConsensusEndpoint>();

    private static ConsensusSurroundings Surroundings(IServiceProvider provider)
    {
        // The reply sender itself needs the node's link; only its envelope side is asked for here, and not
        // before there is an answer: with it the bus is made, and the node waits to read its logs.
        var envelopes = new Lazy<EnvelopeReplies?>(provider.GetService<EnvelopeReplies>);
        return new ConsensusSurroundings
        {
            Links = provider.GetRequiredService<ILinkFactory>(),
            Time = provider.GetRequiredService<TimeProvider>(),
            Loggers = provider.GetRequiredService<ILoggerFactory>(),
            SendEnvelope = (to, message) => envelopes.Value?.Post(to, message),
        };
    }

    private static IEnumerable<(string Name, string Value)> StartFacts(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<ConsensusOptions>>().Value;
        var bus = provider.GetRequiredService<IOptions<MusterBusOptions>>().Value;
        yield return (
            "node", $"{options.Node} of {string.Join(", ", options.Members)}, cluster {options.ClusterId}");
        yield return ("groups", string.Join(", ", options.EffectiveGroups));
        yield return ("data", Path.GetFullPath(options.DataFolder));
        yield return ("broker", $"{bus.SafeUri}, names of {bus.Cluster}");
    }
}
