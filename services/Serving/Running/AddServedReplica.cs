using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Muster.Hosting;

namespace Muster.Serving;

public static class AddServedReplicaExtensions
{
    /// <summary>
    /// One replica of possibly several in this process, found as a keyed <typeparamref name="TService"/>; it
    /// runs with the host and shows its health and status.
    /// </summary>
    /// <param name="services">The process's services.</param>
    /// <param name="key">Tells the service's replicas of one process apart.</param>
    /// <param name="create">Composes the service's replica; see <see cref="ServingSurroundings.Of"/>.</param>
    /// <param name="replicaOf">What of it the host runs.</param>
    public static IServiceCollection AddServedReplica<TService>(
        this IServiceCollection services, string key, Func<IServiceProvider, TService> create,
        Func<TService, IServedReplica> replicaOf)
        where TService : class
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddKeyedSingleton(key, (provider, _) => create(provider));
        services.AddSingleton<IHostedService>(Find);
        services.AddSingleton<IHealthSource>(Find);
        services.AddSingleton<IStatusSource>(Find);
        services.AddSingleton<IMetricSource>(Find);
        return services;

        IServedReplica Find(IServiceProvider provider) =>
            replicaOf(provider.GetRequiredKeyedService<TService>(key));
    }
}
