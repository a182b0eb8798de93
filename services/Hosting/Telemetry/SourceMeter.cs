using System.Diagnostics.Metrics;

namespace Muster.Hosting;

/// <summary>
/// One observable instrument per metric of the process's sources, and one for their health. Costs nothing
/// until somebody asks.
/// </summary>
internal sealed class SourceMeter : IDisposable
{
    public const string Name = "Muster.Service";
    public const string Ready = "muster.health.ready";

    private readonly Meter _meter = new(Name);

    public SourceMeter(IEnumerable<IHealthSource> health, IEnumerable<IMetricSource> sources)
    {
        IHealthSource[] parts = [.. health];
        _meter.CreateObservableGauge(
            Ready, () => parts.Select(ReadHealth), "1", "1 while the part is ready for work, else 0.");
        foreach (var metric in sources.SelectMany(source => source.Metrics).Distinct())
        {
            Create(metric, [.. sources.Where(source => source.Metrics.Contains(metric))]);
        }
    }

    public void Dispose() => _meter.Dispose();

    private static Measurement<long> ReadHealth(IHealthSource part) =>
        new(part.IsReady ? 1 : 0, new KeyValuePair<string, object?>("source", part.Name));

    private static IEnumerable<Measurement<long>> Read(Metric metric, IMetricSource[] sources) => sources
        .SelectMany(source => source.ReadMetrics())
        .Where(reading => reading.Metric == metric)
        .Select(reading => new Measurement<long>(reading.Value, reading.Labels));

    private void Create(Metric metric, IMetricSource[] sources)
    {
        if (metric.Kind == MetricKind.Counter)
        {
            _meter.CreateObservableCounter(
                metric.Name, () => Read(metric, sources), metric.Unit, metric.Description);
        }
        else
        {
            _meter.CreateObservableGauge(
                metric.Name, () => Read(metric, sources), metric.Unit, metric.Description);
        }
    }
}
