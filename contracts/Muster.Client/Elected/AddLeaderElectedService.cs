using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Muster.Client;

/// <summary>Registers services that run in one process of many.</summary>
public static class LeaderElectedServiceCollectionExtensions
{
    /// <summary>
    /// A background service of the host that runs in one process at a time: where its election is won, with
    /// the client of <c>AddMuster</c>. Each leadership has a scope and a <typeparamref name="T"/> of its own,
    /// so nothing of an earlier one stays (register <typeparamref name="T"/> yourself for another lifetime).
    /// A host that stops ends it, waits for it, and resigns, so that the next process takes over at once.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="election">
    /// The election's name, one for each such service of the container; 1 to 200 bytes of UTF-8 without
    /// control characters.
    /// </param>
    /// <param name="configure">Options, checked at the host's start.</param>
    /// <typeparam name="T">The service; made by the container.</typeparam>
    /// <exception cref="ArgumentException">The election's name is no name.</exception>
    /// <exception cref="InvalidOperationException">The election has a service already.</exception>
    public static IServiceCollection AddLeaderElectedService<T>(
        this IServiceCollection services, string election, Action<LeaderElectedOptions>? configure = null)
        where T : class, ILeaderElectedService
    {
        ArgumentNullException.ThrowIfNull(services);
        LeaderElectedOptions.CheckElection(election);
        if (services.Any(service => service.ImplementationInstance is Registered other
            && other.Election == election))
        {
            throw new InvalidOperationException($"The election {election} has a service already.");
        }
        services.AddSingleton(new Registered(election));
        services.AddOptions<LeaderElectedOptions>(election).Configure(configure ?? (_ => { }))
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<
            IValidateOptions<LeaderElectedOptions>, Validator>());
        services.TryAddScoped<T>();
        // Not AddHostedService, which would take a second one for a repetition.
        services.AddSingleton<IHostedService>(provider => new Elected<T>(provider, election));
        return services;
    }

    private sealed record Registered(string Election);

    private sealed class Validator : IValidateOptions<LeaderElectedOptions>
    {
        public ValidateOptionsResult Validate(string? name, LeaderElectedOptions options) =>
            options.Problems().ToList() is { Count: > 0 } problems
                ? ValidateOptionsResult.Fail(problems.Select(problem => $"Election {name}: {problem}"))
                : ValidateOptionsResult.Success;
    }

    private sealed class Elected<T>(IServiceProvider provider, string election) : BackgroundService
        where T : class, ILeaderElectedService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => new LeaderElectedRunner(
            provider.GetRequiredService<IElections>(),
            election,
            RunAsync,
            provider.GetRequiredService<IOptionsMonitor<LeaderElectedOptions>>().Get(election),
            provider.GetService<TimeProvider>(),
            provider.GetService<ILogger<LeaderElectedRunner>>()).RunAsync(stoppingToken);

        private async Task RunAsync(LeaderContext leader, CancellationToken stopping)
        {
            var scope = provider.CreateAsyncScope();
            await using var disposing = scope.ConfigureAwait(false);
            await scope.ServiceProvider.GetRequiredService<T>().ExecuteAsync(leader, stopping)
                .ConfigureAwait(false);
        }
    }
}
