using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Muster.Bus;
using Muster.Hosting;
using Muster.Lock.Consumers;

namespace Muster.Lock;

public static class AddMusterLockExtensions
{
    private const int FaultExitCode = 70;

    /// <summary>
    /// A lock process of its own: one replica by configuration (<see cref="LockServiceOptions"/>), over
    /// RabbitMQ (<see cref="MusterBusOptions"/>), with its endpoint, health and status.
    /// </summary>
    public static IServiceCollection AddMusterLock(this IServiceCollection services)
    {
        services.AddValidatedOptions<LockServiceOptions>(
            LockServiceOptions.Section, LockServiceOptions.Problems);
        services.AddServiceStart("lock", StartFacts);
        services.AddMusterWeb();
        services.AddMusterEndpoints(register => register.AddLockEndpoint());
        services.AddMusterLinks("muster lock");
        services.AddLockReplica(
            "configured", provider => provider.GetRequiredService<IOptions<LockServiceOptions>>().Value);
        return services.Configure<HostOptions>(host =>
        {
            host.ServicesStopConcurrently = true;
            host.ShutdownTimeout = TimeSpan.FromSeconds(3);
        });
    }

    /// <summary>
    /// One replica of possibly several in this process; the first takes the endpoint's commands. Needs an
    /// <see cref="ILinkFactory"/> and the endpoints' <see cref="EnvelopeReplies"/>.
    /// </summary>
    public static IServiceCollection AddLockReplica(
        this IServiceCollection services, string key, Func<IServiceProvider, LockServiceOptions> options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddKeyedSingleton(key, (provider, _) => Create(provider, options(provider)));
        services.AddSingleton(Find);
        services.AddSingleton<IHostedService>(Find);
        services.AddSingleton<IHealthSource>(Find);
        services.AddSingleton<IStatusSource>(Find);
        services.TryAddSingleton(provider => Find(provider).Intake);
        return services;

        LockReplica Find(IServiceProvider provider) => provider.GetRequiredKeyedService<LockReplica>(key);
    }

    /// <summary>
    /// The public endpoint <c>muster-lock</c>, shared by all replicas: any of them takes a command.
    /// </summary>
    public static void AddLockEndpoint(this IBusRegistrationConfigurator register) =>
        register.AddConsumer<LockCommandConsumer, LockCommandConsumerDefinition>();

    private static LockReplica Create(IServiceProvider provider, LockServiceOptions options)
    {
        var loggers = provider.GetRequiredService<ILoggerFactory>();
        return new LockReplica(
            options,
            provider.GetRequiredService<ILinkFactory>(),
            link => new ReplySender(
                link, provider.GetRequiredService<EnvelopeReplies>(), loggers.CreateLogger<ReplySender>()),
            loggers,
            provider.GetRequiredService<TimeProvider>(),
            _ => End(provider.GetRequiredService<IHostApplicationLifetime>()));
    }

    /// <summary>Said and logged by the replica: what is left is to make room for one that works.</summary>
    private static void End(IHostApplicationLifetime host)
    {
        Environment.ExitCode = FaultExitCode;
        host.StopApplication();
    }

    private static IEnumerable<(string Name, string Value)> StartFacts(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<LockServiceOptions>>().Value;
        var bus = provider.GetRequiredService<IOptions<MusterBusOptions>>().Value;
        yield return ("replica", $"{options.Replica} of group {options.Group}, cluster {options.ClusterId}");
        yield return ("broker", $"{bus.SafeUri}, names of {bus.Cluster}");
    }
}
