using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Muster.Hosting;

namespace Muster.Serving;

public static class AddReplicaProcessExtensions
{
    /// <summary>
    /// What every process that runs one replica over RabbitMQ (<see cref="MusterBusOptions"/>) has: its
    /// options, the log's first lines, health and status pages, links. Its endpoints and its replica are the
    /// service's to add.
    /// </summary>
    /// <param name="services">The process's services.</param>
    /// <param name="service">The service's name: lock.</param>
    /// <param name="section">The options' configuration section.</param>
    /// <param name="problems">What is wrong with the options; nothing when all is well.</param>
    public static IServiceCollection AddReplicaProcess<TOptions>(
        this IServiceCollection services, string service, string section,
        Func<TOptions, IEnumerable<string>> problems)
        where TOptions : ReplicaServiceOptions
    {
        services.AddValidatedOptions(section, problems);
        services.AddServiceStart(service, StartFacts<TOptions>);
        services.AddMusterWeb();
        services.AddMusterTelemetry(service);
        services.AddMusterLinks("muster " + service);
        return services.Configure<HostOptions>(host =>
        {
            host.ServicesStopConcurrently = true;
            host.ShutdownTimeout = TimeSpan.FromSeconds(3);
        });
    }

    private static IEnumerable<(string Name, string Value)> StartFacts<TOptions>(IServiceProvider provider)
        where TOptions : ReplicaServiceOptions
    {
        var options = provider.GetRequiredService<IOptions<TOptions>>().Value;
        var bus = provider.GetRequiredService<IOptions<MusterBusOptions>>().Value;
        yield return ("replica", $"{options.Replica} of group {options.Group}, cluster {options.ClusterId}");
        yield return ("broker", $"{bus.SafeUri}, names of {bus.Cluster}");
    }
}
