namespace Muster.Hosting;

/// <summary>
/// Numbers that something already keeps, read when somebody asks: a scrape or an export. Registered as
/// singletons; read from any thread, several times a scrape, so a snapshot and no work.
/// </summary>
public interface IMetricSource
{
    /// <summary>What it can read, the same from start to end. Sources of one kind share the list.</summary>
    IReadOnlyList<Metric> Metrics { get; }

    IEnumerable<MetricReading> ReadMetrics();
}

/// <summary>A metric's name and meaning; compared by value, so two sources may each make it.</summary>
/// <param name="Name">Lower case with dots: <c>muster.group.term</c>.</param>
/// <param name="Kind">Whether it only grows.</param>
/// <param name="Unit">UCUM, or what is counted in braces: <c>{command}</c>.</param>
/// <param name="Description">A sentence for people.</param>
public sealed record Metric(string Name, MetricKind Kind, string Unit, string Description);

/// <summary>How a value may change.</summary>
public enum MetricKind
{
    /// <summary>A level: up and down.</summary>
    Gauge,

    /// <summary>A total since the start: only up.</summary>
    Counter,
}

/// <summary>
/// One value. Each different set of labels is a series that a collector keeps, so labels are few and
/// stable: names from the configuration, never an id made at run time.
/// </summary>
public readonly record struct MetricReading(
    Metric Metric, long Value, params KeyValuePair<string, object?>[] Labels);
