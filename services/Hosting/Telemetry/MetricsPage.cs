using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace Muster.Hosting;

/// <summary><c>/metrics</c>, where the options want it.</summary>
internal sealed class MetricsPage(IOptions<TelemetryOptions> options, MeterProvider metrics) : IWebPage
{
    public void Map(IEndpointRouteBuilder pages)
    {
        if (options.Value.Prometheus)
        {
            pages.MapPrometheusScrapingEndpoint("/metrics", metrics, null, null);
        }
    }
}
