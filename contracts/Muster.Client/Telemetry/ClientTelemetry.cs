using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Muster.Client;

/// <summary>
/// What all clients of a process tell about themselves, under the name <c>Muster.Client</c>: a span for every
/// call, and the instruments below. Costs a check a call while nobody listens.
/// </summary>
internal static class ClientTelemetry
{
    public const string Name = "Muster.Client";

    private static readonly string? Version = typeof(ClientTelemetry).Assembly.GetName().Version?.ToString(3);
    private static readonly Meter Meter = new(Name, Version);
    private static readonly ConcurrentDictionary<ClientCore, bool> Living = new();

    // From a broker's round trip to a long wait in a lock's queue.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries =
            [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    };

    static ClientTelemetry()
    {
        Gauge("muster.client.locks.held", "{lock}", "Locks and leaderships that are held.",
            state => state.Held);
        Gauge("muster.client.locks.waiting", "{acquire}", "Acquires and campaigns that wait.",
            state => state.Waiting);
        Gauge("muster.client.connected", "1", "1 while the broker takes messages, else 0.",
            state => state.IsConnected ? 1 : 0);
    }

    public static ActivitySource Activities { get; } = new(Name, Version);

    public static Histogram<double> AcquireDuration { get; } = Meter.CreateHistogram(
        "muster.client.acquire.duration", "s",
        "Acquires and campaigns from call to end, with their wait, by operation and outcome.", null, Seconds);

    public static Histogram<double> CallDuration { get; } = Meter.CreateHistogram(
        "muster.client.call.duration", "s",
        "All other calls from call to answer, by operation and outcome.", null, Seconds);

    public static Counter<long> Reconnects { get; } = Meter.CreateCounter<long>(
        "muster.client.reconnects", "{connection}", "Times the bus was reached again.");

    public static Counter<long> SessionsLost { get; } = Meter.CreateCounter<long>(
        "muster.client.sessions.lost", "{session}", "Sessions that were lost.");

    public static Counter<long> LocksLost { get; } = Meter.CreateCounter<long>(
        "muster.client.locks.lost", "{lock}",
        "Locks and leaderships that were lost while held; not those that the client's own end gave up.");

    public static KeyValuePair<string, object?> ClusterOf(MusterOptions options) =>
        new("muster.cluster", options.Cluster);

    /// <summary>The client's levels are read from now on.</summary>
    public static void Add(ClientCore client) => Living[client] = true;

    public static void Remove(ClientCore client) => Living.TryRemove(client, out _);

    private static void Gauge(string name, string unit, string description, Func<ClientState, long> read) =>
        Meter.CreateObservableUpDownCounter(
            name,
            () => Living.Keys.Select(client => new Measurement<long>(
                read(client.Look()), ClusterOf(client.Options), new("muster.node", client.Options.Node))),
            unit, description);
}
