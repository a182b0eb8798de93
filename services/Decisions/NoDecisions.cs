using Muster.Hosting;
using Muster.Serving;

namespace Muster.Decisions;

/// <summary>In the place of a replica where the cluster keeps no group for decisions.</summary>
internal sealed class NoDecisions(string key) : IServedReplica
{
    private const string Why = "the cluster's nodes keep no group for decisions";

    string IHealthSource.Name => "decisions " + key;

    bool IHealthSource.IsReady => true;

    string IHealthSource.Detail => Why;

    string IStatusSource.Name => "decisions." + key;

    object IStatusSource.Read() => Why;

    IReadOnlyList<Metric> IMetricSource.Metrics => [];

    IEnumerable<MetricReading> IMetricSource.ReadMetrics() => [];

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
