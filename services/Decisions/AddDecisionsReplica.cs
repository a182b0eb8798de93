using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Decisions.Consumers;
using Muster.Hosting;
using Muster.Serving;

namespace Muster.Decisions;

public static partial class AddDecisionsReplicaExtensions
{
    /// <summary>
    /// One replica of possibly several in this process. Its fault is not the process's: it halts, its health
    /// says so, and all else goes on. Needs an <see cref="ILinkFactory"/> and the endpoints' <see
    /// cref="EnvelopeReplies"/>.
    /// </summary>
    /// <param name="services">The process's services.</param>
    /// <param name="key">Tells the replicas of one process apart.</param>
    /// <param name="options">The replica's; null: the cluster keeps no decisions, and none runs.</param>
    /// <param name="link">A link of the process's that outlives a halted replica.</param>
    public static IServiceCollection AddDecisionsReplica(
        this IServiceCollection services, string key, Func<IServiceProvider, DecisionsOptions?> options,
        Func<IServiceProvider, IBusLink> link)
    {
        services.TryAddSingleton(provider => DeskOf(provider, link));
        return services.AddServedReplica(
            key,
            provider => new HostedDecisions(
                options(provider) is { } own ? Create(provider, own).Served : new NoDecisions(key)),
            hosted => hosted.Served);
    }

    /// <summary>
    /// The public endpoint <c>muster-decisions</c>, shared by all replicas: any of them takes a command.
    /// </summary>
    public static void AddDecisionsEndpoint(this IBusRegistrationConfigurator register) =>
        register.AddConsumer<DecisionCommandConsumer, DecisionCommandConsumerDefinition>();

    private static DecisionsReplica Create(IServiceProvider provider, DecisionsOptions options)
    {
        var desk = provider.GetRequiredService<DecisionDesk>();
        var logger = provider.GetRequiredService<ILogger<DecisionsReplica>>();
        DecisionsReplica? replica = null;
        replica = new DecisionsReplica(options, ServingSurroundings.Of(provider) with
        {
            OnFault = why =>
            {
                LogHalted(logger, replica!.Served.Origin, why);
                desk.Remove(replica.Intake);
            },
        });
        desk.Add(replica.Intake);
        return replica;
    }

    private static DecisionDesk DeskOf(IServiceProvider provider, Func<IServiceProvider, IBusLink> link)
    {
        var loggers = provider.GetRequiredService<ILoggerFactory>();
        return new DecisionDesk(
            () => new ReplySender(
                link(provider), provider.GetRequiredService<EnvelopeReplies>(),
                loggers.CreateLogger<ReplySender>()),
            provider.GetRequiredService<TimeProvider>(), loggers.CreateLogger<DecisionDesk>());
    }

    [LoggerMessage(6302, LogLevel.Critical,
        "The decisions' replica {Origin} has halted; its process goes on without it: {Why}")]
    private static partial void LogHalted(ILogger logger, string origin, string why);

    /// <summary>What a process runs of the decisions.</summary>
    private sealed record HostedDecisions(IServedReplica Served);
}
