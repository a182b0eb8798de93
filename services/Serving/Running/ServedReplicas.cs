using Muster.Hosting;

namespace Muster.Serving;

/// <summary>
/// The replicas of several groups of a service in one process, as one part of it: ready when all are.
/// </summary>
/// <param name="name">The service's name and the process's incarnation, as one replica would have it.</param>
/// <param name="replicas">One of each group, with its name.</param>
public sealed class ServedReplicas(
    string name, IReadOnlyList<(string Group, IServedReplica Replica)> replicas) : IServedReplica
{
    string IHealthSource.Name => name;

    bool IHealthSource.IsReady => replicas.All(one => one.Replica.IsReady);

    string IHealthSource.Detail =>
        string.Join("; ", replicas.Select(one => $"{one.Group} {one.Replica.Detail}"));

    string IStatusSource.Name => name.Replace(' ', '.');

    object IStatusSource.Read() =>
        replicas.ToDictionary(one => one.Group, one => one.Replica.Read());

    IReadOnlyList<Metric> IMetricSource.Metrics => ReplicaMetrics.All;

    IEnumerable<MetricReading> IMetricSource.ReadMetrics() =>
        replicas.SelectMany(one => one.Replica.ReadMetrics());

    public Task StartAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(replicas.Select(one => one.Replica.StartAsync(cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(replicas.Select(one => one.Replica.StopAsync(cancellationToken)));

    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(replicas.Select(one => one.Replica.DisposeAsync().AsTask()));
}
