using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace Muster.Hosting;

/// <summary>
/// Exports to a collector. What it does not take in time is dropped: the exporters' queues are bounded, and a
/// service never waits for its telemetry.
/// </summary>
internal static class OtlpExport
{
    public static MetricReader Metrics(Uri collector, TelemetryOptions options) =>
        new PeriodicExportingMetricReader(
            new OtlpMetricExporter(SettingsOf(collector, "v1/metrics", options.OtlpProtocol)),
            (int)options.OtlpInterval.TotalMilliseconds);

    public static BaseProcessor<Activity> Traces(Uri collector, TelemetryOptions options) =>
        new BatchActivityExportProcessor(
            new OtlpTraceExporter(SettingsOf(collector, "v1/traces", options.OtlpProtocol)));

    private static OtlpExporterOptions SettingsOf(Uri collector, string path, OtlpProtocol protocol) =>
        protocol == OtlpProtocol.Grpc
            ? new() { Endpoint = collector, Protocol = OtlpExportProtocol.Grpc }
            : new() { Endpoint = Under(collector, path), Protocol = OtlpExportProtocol.HttpProtobuf };

    private static Uri Under(Uri collector, string path) =>
        new(collector.AbsoluteUri.TrimEnd('/') + '/' + path);
}
