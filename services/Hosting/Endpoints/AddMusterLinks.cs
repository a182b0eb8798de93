using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Muster.Bus;

namespace Muster.Hosting;

public static class AddMusterLinksExtensions
{
    /// <summary>
    /// Links to the broker of <see cref="MusterBusOptions"/>, beside the endpoints that register its names.
    /// </summary>
    /// <param name="services">The process's services.</param>
    /// <param name="clientName">What the broker's connection list shows: <c>muster lock</c>.</param>
    public static IServiceCollection AddMusterLinks(this IServiceCollection services, string clientName) =>
        services.AddSingleton<ILinkFactory>(provider => new RabbitLinkFactory(
            new RabbitLinkSettings
            {
                Broker = provider.GetRequiredService<IOptions<MusterBusOptions>>().Value.Uri!,
                ClientName = clientName,
            },
            provider.GetRequiredService<BusNames>(),
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetRequiredService<TimeProvider>()));
}
