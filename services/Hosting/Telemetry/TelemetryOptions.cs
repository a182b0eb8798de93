namespace Muster.Hosting;

/// <summary>How traces and metrics travel to a collector.</summary>
public enum OtlpProtocol
{
    /// <summary>OTLP over gRPC; a collector's usual port is 4317.</summary>
    Grpc,

    /// <summary>Protobuf in HTTP/1.1 POSTs; a collector's usual port is 4318.</summary>
    Http,
}

/// <summary>
/// Section <c>Telemetry</c> (environment <c>Telemetry__Otlp</c> and so on): what a process tells about
/// itself, and to whom.
/// </summary>
public sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromHours(1);

    /// <summary>
    /// The collector, <c>http://HOST:4317</c>; over HTTP, <c>/v1/traces</c> and <c>/v1/metrics</c> are
    /// appended. Null, the default: nothing is exported and nothing traced. Credentials go into the
    /// environment variable <c>OTEL_EXPORTER_OTLP_HEADERS</c>, never into the address.
    /// </summary>
    public Uri? Otlp { get; init; }

    /// <summary>Default Grpc.</summary>
    public OtlpProtocol OtlpProtocol { get; init; } = OtlpProtocol.Grpc;

    /// <summary>
    /// Time between two exports of the metrics. Shorter: more load on the collector; longer: later news.
    /// Default 15 s; 1 s to 1 h.
    /// </summary>
    public TimeSpan OtlpInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// <c>/metrics</c> beside the health endpoints, in Prometheus' text form. Default true.
    /// </summary>
    public bool Prometheus { get; init; } = true;

    /// <summary>
    /// One JSON object per log line, with the event's id; false, the default: one line of text.
    /// </summary>
    public bool JsonLogs { get; init; }

    /// <summary>
    /// The share of new traces that is kept, 0 to 1; a trace begun elsewhere keeps the decision made there.
    /// Default 1. Lower it where commands come by the thousand.
    /// </summary>
    public double TraceSampling { get; init; } = 1.0;

    public static IEnumerable<string> Problems(TelemetryOptions options)
    {
        if (options.Otlp is { } otlp && !IsCollector(otlp))
        {
            yield return $"Telemetry:Otlp is '{MusterBusOptions.WithoutPassword(otlp)}': "
                + "http://HOST:PORT or https, without user and password.";
        }
        if (!Enum.IsDefined(options.OtlpProtocol))
        {
            yield return $"Telemetry:OtlpProtocol is {options.OtlpProtocol}: Grpc or Http.";
        }
        if (options.OtlpInterval < ShortestInterval || options.OtlpInterval > LongestInterval)
        {
            yield return $"Telemetry:OtlpInterval is {options.OtlpInterval}: "
                + $"{ShortestInterval} to {LongestInterval}.";
        }
        // Written so that NaN, which compares with nothing, is refused.
        if (options.TraceSampling is not (>= 0 and <= 1))
        {
            yield return $"Telemetry:TraceSampling is {options.TraceSampling}: 0 to 1.";
        }
    }

    private static bool IsCollector(Uri uri) =>
        uri.IsAbsoluteUri && uri.Scheme is "http" or "https" && uri.Host.Length > 0
        && uri is { UserInfo: "", Query: "", Fragment: "" };
}
