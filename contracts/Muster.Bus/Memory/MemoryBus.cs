using System.Collections.Concurrent;
using System.Collections.Immutable;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Muster.Bus;

/// <summary>
/// What the links of one process share instead of a broker: ONE MassTransit bus on the in-memory transport,
/// which the host's own endpoints may use too. The transport never forgets a queue or a binding and delivers
/// to dead ones for ever, so who is alive, and subscribes to what, is kept here.
/// </summary>
public sealed class MemoryBus : IAsyncDisposable
{
    private readonly IBusControl? _owned;
    private readonly Lazy<Task> _started;
    private readonly ConcurrentDictionary<string, ImmutableArray<FrameEndpoint>> _inboxes =
        new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImmutableArray<FrameEndpoint>> _subscribers =
        new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<MemoryWorkQueue>>> _workQueues =
        new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task>> _relays = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Uri?> _addresses = new(StringComparer.Ordinal);
    private readonly ILoggerFactory _loggers;

    /// <summary>Makes and owns a bus, which starts with the first link.</summary>
    public MemoryBus(BusNames names, ILoggerFactory loggers, TimeProvider? time = null)
        : this(MassTransit.Bus.Factory.CreateUsingInMemory(_ => { }), names, loggers, time)
    {
        _owned = (IBusControl)Bus;
        _started = new Lazy<Task>(() => _owned.StartAsync(CancellationToken.None));
    }

    /// <summary>
    /// Uses the host's bus, which the host starts before the first link and stops after the last.
    /// </summary>
    public MemoryBus(IBus bus, BusNames names, ILoggerFactory loggers, TimeProvider? time = null)
    {
        Bus = bus;
        Names = names;
        Time = time ?? TimeProvider.System;
        _loggers = loggers;
        _started = new Lazy<Task>(Task.CompletedTask);
        Types = new MessageTypes(names);
    }

    /// <summary>MassTransit's bus in memory.</summary>
    public IBus Bus { get; }

    /// <summary>The cluster's names.</summary>
    public BusNames Names { get; }

    internal TimeProvider Time { get; }

    internal MessageTypes Types { get; }

    /// <summary>
    /// A work queue's rejected messages with the reasons, the newest 1,000: what an <c>_error</c> queue holds
    /// on RabbitMQ.
    /// </summary>
    public IReadOnlyList<(LinkFrame Frame, string Reason)> Rejected(string workQueue) =>
        Find(workQueue)?.Rejected() ?? [];

    /// <summary>Stops the bus if it is our own. The links should be disposed before.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_owned is not null && _started.IsValueCreated)
        {
            await _owned.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    internal Task EnsureStartedAsync() => _started.Value;

    internal ImmutableArray<FrameEndpoint> InboxesOf(string address) =>
        _inboxes.GetValueOrDefault(address, []);

    /// <summary>The live inboxes and the work queues that an exchange's messages go to.</summary>
    internal ImmutableArray<FrameEndpoint> SubscribersOf(string exchange) =>
        _subscribers.GetValueOrDefault(exchange, []);

    internal FrameEndpoint? WorkQueueEndpoint(string name) =>
        Find(name)?.Endpoint;

    internal void AddInbox(LinkOptions options, FrameEndpoint endpoint)
    {
        foreach (var exchange in options.Subscriptions)
        {
            Subscribe(exchange, endpoint);
        }
        Add(_inboxes, options.Address, endpoint);
    }

    internal void RemoveInbox(LinkOptions options, FrameEndpoint endpoint)
    {
        Remove(_inboxes, options.Address, endpoint);
        foreach (var exchange in options.Subscriptions)
        {
            Remove(_subscribers, exchange, endpoint);
        }
    }

    /// <summary>
    /// The queue of that name, made by the first who names it and, like a durable one, never removed.
    /// </summary>
    internal Task<MemoryWorkQueue> WorkQueueAsync(WorkQueue queue) => _workQueues.GetOrAdd(
        queue.Name,
        _ => new Lazy<Task<MemoryWorkQueue>>(async () =>
        {
            var made = new MemoryWorkQueue(queue, Time, _loggers.CreateLogger<MemoryBus>());
            await made.StartAsync(this).ConfigureAwait(false);
            return made;
        })).Value;

    internal void Subscribe(string exchange, FrameEndpoint endpoint) => Add(_subscribers, exchange, endpoint);

    /// <summary>
    /// Brings what MassTransit itself publishes as a contract to the links that subscribe to its exchange.
    /// What a link publishes goes to them directly, in the order of its other messages, and only then to
    /// MassTransit.
    /// </summary>
    internal Task EnsureRelayAsync(string exchange)
    {
        if (MassTransitAddress(exchange) is not { } address)
        {
            return Task.CompletedTask;
        }
        return _relays.GetOrAdd(exchange, name => new Lazy<Task>(async () =>
        {
            var pipe = Pipe.Execute<SendContext<LinkFrame>>(FrameSerializer.Prepare);
            await FrameEndpoint.StartAsync(
                Bus, Types, "muster.relay." + name.Replace(':', '.'),
                [new InMemoryEndpointAddress(Bus.Address, address).Name], Relay, CancellationToken.None)
                .ConfigureAwait(false);

            // A frame with an exchange is a link's own, which its subscribers have already.
            Task Relay(LinkFrame frame) => frame.Exchange.Length == 0
                ? ForwardAsync(frame with { Exchange = name }, pipe)
                : Task.CompletedTask;
        })).Value;
    }

    /// <summary>
    /// Where MassTransit publishes the contract of an exchange, which it names by rules of its own; null when
    /// the exchange is not a contract's.
    /// </summary>
    internal Uri? MassTransitAddress(string exchange) => _addresses.GetOrAdd(
        exchange,
        name => Names.TypeOfExchange(name) is { } type
            && BusJson.ContractOf(type) is { } contract
            && Bus.Topology.TryGetPublishAddress(contract, out var address)
                ? address
                : null);

    private MemoryWorkQueue? Find(string workQueue) =>
        _workQueues.TryGetValue(workQueue, out var queue) && queue.Value.IsCompletedSuccessfully
            ? queue.Value.Result
            : null;

    private async Task ForwardAsync(LinkFrame frame, IPipe<SendContext<LinkFrame>> pipe)
    {
        foreach (var subscriber in SubscribersOf(frame.Exchange))
        {
            await subscriber.SendAsync(frame, pipe, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static void Add(
        ConcurrentDictionary<string, ImmutableArray<FrameEndpoint>> to, string key, FrameEndpoint endpoint) =>
        to.AddOrUpdate(key, _ => [endpoint], (_, old) => old.Contains(endpoint) ? old : old.Add(endpoint));

    private static void Remove(
        ConcurrentDictionary<string, ImmutableArray<FrameEndpoint>> from, string key, FrameEndpoint endpoint)
    {
        // Removing a key only while it is still empty keeps a link that comes at the same moment.
        if (from.AddOrUpdate(key, _ => [], (_, old) => old.Remove(endpoint)).IsEmpty)
        {
            from.TryRemove(KeyValuePair.Create(key, ImmutableArray<FrameEndpoint>.Empty));
        }
    }
}
