using System.Collections.Concurrent;
using Muster.Bus;
using Muster.Cluster;
using Muster.Contracts;

namespace Muster.Coordination.Tests;

/// <summary>An event as it came, and when, by the monotonic clock.</summary>
internal sealed record Recorded<T>(T Event, long At);

/// <summary>
/// A subscriber to some events of the cluster. What is published while it has no connection it misses: the
/// service's own log is asked for what must not be missed.
/// </summary>
internal sealed class EventRecorder : IAsyncDisposable
{
    private readonly ConcurrentQueue<(EventId Id, object Event, long At)> _events = new();
    private readonly Dictionary<string, Action<LinkMessage>> _readers = new(StringComparer.Ordinal);
    private readonly BusNames _names;
    private readonly MusterCluster _cluster;
    private IBusLink? _link;

    public EventRecorder(MusterCluster cluster) => (_cluster, _names) = (cluster, cluster.Links.Names);

    public EventRecorder On<T>(Func<T, EventId> idOf, Action<T>? come = null) where T : class
    {
        _readers[BusJson.TypeName(typeof(T))] = message =>
        {
            var news = message.Read<T>();
            _events.Enqueue((idOf(news), news, TimeProvider.System.GetTimestamp()));
            come?.Invoke(news);
        };
        return this;
    }

    public async Task<EventRecorder> StartAsync()
    {
        _link = _cluster.Links.Create(new LinkOptions
        {
            Address = $"recorder.{Guid.NewGuid():N}",
            OnMessage = message => _readers[message.Type](message),
            Subscriptions = [.. _readers.Keys.Select(type => _names.Exchange(BusJson.ContractOf(type)!))],
        });
        await _link.StartAsync(CancellationToken.None);
        return this;
    }

    /// <summary>Each once, however often it was published, in the order they came.</summary>
    public IReadOnlyList<Recorded<T>> Of<T>() where T : class =>
    [
        .. _events.Where(recorded => recorded.Event is T)
            .DistinctBy(recorded => recorded.Id)
            .Select(recorded => new Recorded<T>((T)recorded.Event, recorded.At)),
    ];

    public async Task<Recorded<T>> FirstAsync<T>(Func<T, bool> matches, TimeSpan timeout) where T : class
    {
        Recorded<T>? found = null;
        await Until.TrueAsync(
            () => (found = Of<T>().FirstOrDefault(recorded => matches(recorded.Event))) is not null,
            timeout,
            () => $"a {typeof(T).Name}; came: "
                + string.Join(", ", Of<T>().Select(recorded => recorded.Event)));
        return found!;
    }

    public ValueTask DisposeAsync() => _link?.DisposeAsync() ?? ValueTask.CompletedTask;
}
