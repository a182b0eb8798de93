using System.Globalization;
using System.Runtime.InteropServices;
using Muster.Load.Stage;

namespace Muster.Load.Reporting;

/// <summary>Where and of what the numbers are.</summary>
internal sealed record Facts
{
    public string StartedAt { get; init; } =
        TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    public int Processors { get; init; } = Environment.ProcessorCount;

    public string Processor { get; init; } = ProcessorName();

    public string System { get; init; } = RuntimeInformation.OSDescription;

    public string Framework { get; init; } = RuntimeInformation.FrameworkDescription;

    /// <summary>Processes that ran or waited to run, on average over the minute before the start.</summary>
    public string LoadBefore { get; init; } = LoadAverage();

    public required string Broker { get; init; }

    public required bool HasBrokerHints { get; init; }

    /// <summary>Null: the run has none.</summary>
    public required string? Redis { get; init; }

    public required string Cluster { get; init; }

    public required double WindowSeconds { get; init; }

    public static Facts Of(
        LoadBroker broker, LoadRedis redis, LoadCluster cluster, TimeSpan window) => new()
        {
            Broker = broker.ToString(),
            HasBrokerHints = broker.HasEventExchange,
            Redis = redis.Connection is null ? null : redis.ToString(),
            Cluster = cluster.ToString(),
            WindowSeconds = window.TotalSeconds,
        };

    private static string ProcessorName()
    {
        const string File = "/proc/cpuinfo";
        return global::System.IO.File.Exists(File)
            ? global::System.IO.File.ReadLines(File)
                .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
                ?.Split(':', 2)[1].Trim() ?? "unknown"
            : "unknown";
    }

    private static string LoadAverage()
    {
        const string File = "/proc/loadavg";
        return global::System.IO.File.Exists(File)
            ? global::System.IO.File.ReadAllText(File).Split(' ')[0]
            : "unknown";
    }
}
