using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Muster.Bus;

namespace Muster.Hosting;

public static class AddNodeHeartbeatsExtensions
{
    /// <summary>
    /// The process shows the detectors that it lives, by option (<see cref="NodeOptions"/>). Needs an <see
    /// cref="ILinkFactory"/>. Not for detectors: they beat by themselves.
    /// </summary>
    /// <param name="services">The process's services.</param>
    /// <param name="node">The node's name, unique in the cluster; see <see cref="NodeHeartbeats"/>.</param>
    public static IServiceCollection AddNodeHeartbeats(
        this IServiceCollection services, Func<IServiceProvider, string> node)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddValidatedOptions<NodeOptions>(NodeOptions.Section, NodeOptions.Problems);
        // Not AddHostedService: that would take the second node of an embedded host for the first.
        return services.AddSingleton<IHostedService>(provider => new NodeHeartbeats(
            node(provider), provider.GetRequiredService<IOptions<NodeOptions>>().Value.Heartbeat,
            provider.GetRequiredService<ILinkFactory>(), provider.GetRequiredService<TimeProvider>()));
    }
}
