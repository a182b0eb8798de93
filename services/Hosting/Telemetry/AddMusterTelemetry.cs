using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Muster.Hosting;

public static class AddMusterTelemetryExtensions
{
    /// <summary>The log's time stamps: UTC, sortable.</summary>
    private const string TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>
    /// Traces, metrics and the console's log as <see cref="TelemetryOptions"/> say: of everything called
    /// <c>Muster.*</c>, of MassTransit and of the .NET runtime. <c>/metrics</c> needs <see
    /// cref="AddMusterWebExtensions.AddMusterWeb"/>.
    /// </summary>
    /// <param name="services">The process's services.</param>
    /// <param name="service">The service's name: consensus, lock. Collectors see <c>muster-lock</c>.</param>
    public static IServiceCollection AddMusterTelemetry(this IServiceCollection services, string service)
    {
        services.AddValidatedOptions<TelemetryOptions>(TelemetryOptions.Section, TelemetryOptions.Problems);
        services.TryAddSingleton(TimeProvider.System);
        services.AddConsoleLog();
        services.AddSingleton<SourceMeter>();
        services.AddSingleton<ExportTrouble>();
        services.AddSingleton<IWebPage, MetricsPage>();
        services.AddOpenTelemetry()
            .ConfigureResource(resource => Describe(resource, service))
            .WithMetrics()
            .WithTracing();
        // The options are known once the host is built: exporters are added then.
        services.ConfigureOpenTelemetryMeterProvider((provider, metrics) =>
            ConfigureMetrics(metrics, provider));
        services.ConfigureOpenTelemetryTracerProvider((provider, traces) =>
            ConfigureTraces(traces, provider));
        return services;
    }

    private static void AddConsoleLog(this IServiceCollection services)
    {
        services.AddLogging(logging => logging
            .AddJsonConsole(json =>
            {
                json.UseUtcTimestamp = true;
                json.TimestampFormat = TimestampFormat;
            })
            .AddSimpleConsole(text =>
            {
                text.SingleLine = true;
                text.UseUtcTimestamp = true;
                text.TimestampFormat = TimestampFormat + " ";
            }));
        services.AddOptions<ConsoleLoggerOptions>().Configure<IOptions<TelemetryOptions>>(
            (console, telemetry) => console.FormatterName = telemetry.Value.JsonLogs
                ? ConsoleFormatterNames.Json
                : ConsoleFormatterNames.Simple);
    }

    /// <summary>The instance by machine and process: in a container, the container.</summary>
    private static void Describe(ResourceBuilder resource, string service) => resource.AddService(
        "muster-" + service,
        serviceVersion: ServiceStart.Version,
        serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}");

    private static void ConfigureMetrics(MeterProviderBuilder metrics, IServiceProvider provider)
    {
        var options = OptionsOf(provider);
        if (!options.Prometheus && options.Otlp is null)
        {
            return;
        }
        metrics.AddMeter("Muster.*", "MassTransit", "System.Runtime");
        // Only made here, and before the exporter: so both live until its last export is done.
        provider.GetRequiredService<ExportTrouble>();
        provider.GetRequiredService<SourceMeter>();
        if (options.Prometheus)
        {
            metrics.AddPrometheusExporter();
        }
        if (options.Otlp is { } collector)
        {
            metrics.AddReader(OtlpExport.Metrics(collector, options));
        }
    }

    private static void ConfigureTraces(TracerProviderBuilder traces, IServiceProvider provider)
    {
        var options = OptionsOf(provider);
        // Without a listener an activity is never made: what nobody collects costs nothing.
        if (options.Otlp is { } collector)
        {
            provider.GetRequiredService<ExportTrouble>();
            traces.AddSource("Muster.*", "MassTransit");
            traces.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TraceSampling)));
            traces.AddProcessor(OtlpExport.Traces(collector, options));
        }
    }

    private static TelemetryOptions OptionsOf(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<TelemetryOptions>>().Value;
}
