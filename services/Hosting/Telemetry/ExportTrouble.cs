using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using Microsoft.Extensions.Logging;

namespace Muster.Hosting;

/// <summary>
/// OpenTelemetry tells its failures to event sources and to nobody else: a collector that is away, or an
/// instrument that throws. Here they reach the log, each kind at most once a minute.
/// </summary>
internal sealed partial class ExportTrouble(TimeProvider time, ILogger<ExportTrouble> logger)
    : EventListener
{
    private const string Sdk = "OpenTelemetry-Sdk";
    private const string ExporterPrefix = "OpenTelemetry-Exporter-";
    private const int MaxDetailLength = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>By event name; OpenTelemetry has some hundred of them.</summary>
    private readonly ConcurrentDictionary<string, long> _lastLogged = new(StringComparer.Ordinal);

    /// <summary>
    /// The base class's constructor already calls it, for the sources there are; this object's own fields are
    /// set by then.
    /// </summary>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name.StartsWith(ExporterPrefix, StringComparison.Ordinal))
        {
            EnableEvents(eventSource, EventLevel.Warning);
        }
        else if (eventSource.Name == Sdk)
        {
            // Its warnings are about meters that nobody asked for.
            EnableEvents(eventSource, EventLevel.Error);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        var name = eventData.EventName ?? "";
        var now = time.GetTimestamp();
        var last = _lastLogged.GetOrAdd(name, long.MinValue);
        var isDue = last == long.MinValue || time.GetElapsedTime(last, now) >= Pause;
        if (isDue && _lastLogged.TryUpdate(name, now, last))
        {
            LogTrouble(name, Detail(eventData));
        }
    }

    private static string Detail(EventWrittenEventArgs trouble)
    {
        var text = string.Join("; ", trouble.Payload ?? (IEnumerable<object?>)[]);
        return text.Length <= MaxDetailLength ? text : text[..MaxDetailLength];
    }

    [LoggerMessage(9031, LogLevel.Warning, "Telemetry: {Event}: {Detail}")]
    private partial void LogTrouble(string @event, string detail);
}
