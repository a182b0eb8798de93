using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Muster.Bus;
using Muster.Hosting;
using Muster.Views;

namespace Muster.Registry;

public static class AddRedisViewsExtensions
{
    /// <summary>
    /// Views in the Redis of <see cref="RedisOptions"/>, under the cluster's name; none without a
    /// connection.
    /// </summary>
    public static IServiceCollection AddRedisViews(this IServiceCollection services)
    {
        services.AddValidatedOptions<RedisOptions>(RedisOptions.Section, RedisOptions.Problems);
        services.TryAddSingleton<IServiceViews>(provider =>
        {
            var options = provider.GetRequiredService<IOptions<RedisOptions>>().Value;
            return options.IsConfigured
                ? new RedisServiceViews(
                    options,
                    provider.GetRequiredService<BusNames>().Cluster,
                    provider.GetRequiredService<TimeProvider>(),
                    provider.GetRequiredService<ILogger<RedisServiceViews>>())
                : new NoServiceViews();
        });
        return services;
    }
}
