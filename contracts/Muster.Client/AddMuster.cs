using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Muster.Bus;
using Muster.Views;

namespace Muster.Client;

/// <summary>Registers the client.</summary>
public static class MusterServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="IMuster"/>, <see cref="MusterClient"/> and its parts (<see cref="ILocks"/>, <see
    /// cref="IServices"/>, <see cref="IConfig"/>, <see cref="IElections"/>, <see cref="IStandbys"/>, <see
    /// cref="IDecisions"/>), one for the container, over the RabbitMQ at <see cref="MusterOptions.Bus"/>.
    /// Views come from the container's <see cref="IServiceViews"/>, else from <see
    /// cref="MusterOptions.Redis"/>. The options are checked at the host's start, else at the first use.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">
    /// Sets the options, at least <see cref="MusterOptions.Bus"/>; one that breaks a rule ends the start with
    /// an <see cref="OptionsValidationException"/>.
    /// </param>
    public static IServiceCollection AddMuster(
        this IServiceCollection services, Action<MusterOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.TryAddSingleton(provider => Create(provider, links: null));
        return services.AddClient(configure, isBusRequired: true);
    }

    /// <summary>As the other, over links of a given factory: the embedded host's, or a test's.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="links">Stays the caller's; its names are the cluster's.</param>
    /// <param name="configure">Sets the options; null (default): as they are.</param>
    public static IServiceCollection AddMuster(
        this IServiceCollection services, ILinkFactory links, Action<MusterOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(links);
        services.TryAddSingleton(provider => Create(provider, links));
        return services.AddClient(configure ?? (_ => { }), isBusRequired: false);
    }

    private static IServiceCollection AddClient(
        this IServiceCollection services, Action<MusterOptions> configure, bool isBusRequired)
    {
        services.AddOptions<MusterOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MusterOptions>>(
            new MusterOptionsValidator(isBusRequired)));
        services.TryAddSingleton<IMuster>(provider => provider.GetRequiredService<MusterClient>());
        services.TryAddSingleton(provider => provider.GetRequiredService<MusterClient>().Locks);
        services.TryAddSingleton(provider => provider.GetRequiredService<MusterClient>().Services);
        services.TryAddSingleton(provider => provider.GetRequiredService<MusterClient>().Config);
        services.TryAddSingleton(provider => provider.GetRequiredService<MusterClient>().Elections);
        services.TryAddSingleton(provider => provider.GetRequiredService<MusterClient>().Standbys);
        services.TryAddSingleton(provider => provider.GetRequiredService<MusterClient>().Decisions);
        services.AddHostedService<ConnectAtStart>();
        return services;
    }

    private static MusterClient Create(IServiceProvider provider, ILinkFactory? links)
    {
        var options = provider.GetRequiredService<IOptions<MusterOptions>>().Value;
        var loggers = provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
        var time = provider.GetService<TimeProvider>();
        return new MusterClient(
            options,
            links ?? MusterClient.RabbitLinks(options, loggers, time),
            time,
            loggers.CreateLogger<MusterClient>(),
            provider.GetService<IServiceViews>(),
            loggers.CreateLogger<RedisServiceViews>());
    }

    /// <summary>Begins to connect at the host's start, if the options say so.</summary>
    private sealed class ConnectAtStart(IServiceProvider provider, IOptions<MusterOptions> options)
        : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            if (options.Value.ConnectAtStart)
            {
                provider.GetRequiredService<MusterClient>().BeginConnect();
            }
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
