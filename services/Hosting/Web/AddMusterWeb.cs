using Microsoft.Extensions.DependencyInjection;

namespace Muster.Hosting;

public static class AddMusterWebExtensions
{
    /// <summary>
    /// <c>/health/live</c>, <c>/health/ready</c> (also <c>/health</c>) and <c>/status</c> on one address
    /// (<see cref="HealthOptions"/>), fed by every registered <see cref="IHealthSource"/> and <see
    /// cref="IStatusSource"/>.
    /// </summary>
    public static IServiceCollection AddMusterWeb(this IServiceCollection services)
    {
        services.AddValidatedOptions<HealthOptions>(HealthOptions.Section, HealthOptions.Problems);
        services.AddSingleton<MusterWeb>();
        return services.AddHostedService(provider => provider.GetRequiredService<MusterWeb>());
    }
}
