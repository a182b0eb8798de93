using Microsoft.Extensions.Logging;

namespace Muster.Bus;

/// <summary>
/// A work queue among the links of a process: each message to one consumer, round robin, at most a prefetch
/// unacknowledged at each. MassTransit brings the messages; who has which is kept here, because its transport
/// forgets a message once delivered. When a consumer's link is disposed, what it had comes back to the front
/// in its old order, marked redelivered.
/// </summary>
internal sealed class MemoryWorkQueue(WorkQueue queue, TimeProvider time, ILogger logger)
{
    private const int MaxRejected = 1_000;

    private readonly Lock _gate = new();
    private readonly LinkedList<WorkItem> _ready = new();
    private readonly List<MemoryWorker> _workers = [];
    private readonly Queue<(LinkFrame, string)> _rejected = new();
    private readonly LogThrottle _fullLog = new(time, TimeSpan.FromSeconds(5));
    private readonly LogThrottle _rejectLog = new(time, TimeSpan.FromSeconds(5));
    private long _lastNumber;
    private int _nextWorker;

    public FrameEndpoint? Endpoint { get; private set; }

    public async Task StartAsync(MemoryBus bus)
    {
        Endpoint = await FrameEndpoint
            .StartAsync(bus.Bus, bus.Types, queue.Name, [], ReceiveAsync, CancellationToken.None)
            .ConfigureAwait(false);
        foreach (var exchange in queue.Exchanges)
        {
            bus.Subscribe(exchange, Endpoint);
            await bus.EnsureRelayAsync(exchange).ConfigureAwait(false);
        }
    }

    public void Add(MemoryWorker worker)
    {
        lock (_gate)
        {
            _workers.Add(worker);
            Dispatch();
        }
    }

    public void Remove(MemoryWorker worker)
    {
        lock (_gate)
        {
            if (!_workers.Remove(worker))
            {
                return;
            }
            foreach (var item in worker.Unacknowledged.Values.Reverse())
            {
                _ready.AddFirst(item with { Redelivered = true });
            }
            worker.Unacknowledged.Clear();
            Dispatch();
        }
    }

    /// <summary>
    /// Acknowledges, or rejects for a reason. Nothing happens for a message that this worker has no more.
    /// </summary>
    public void Settle(MemoryWorker worker, WorkItem item, string? rejectReason)
    {
        lock (_gate)
        {
            if (!worker.Unacknowledged.Remove(item.Number))
            {
                return;
            }
            if (rejectReason is not null)
            {
                if (_rejected.Count == MaxRejected)
                {
                    _rejected.Dequeue();
                }
                _rejected.Enqueue((item.Frame, rejectReason));
            }
            Dispatch();
        }
        if (rejectReason is not null && _rejectLog.Allows(out var suppressed))
        {
            logger.WorkRejected(queue.Name, item.Frame.Type, rejectReason, suppressed);
        }
    }

    public IReadOnlyList<(LinkFrame Frame, string Reason)> Rejected()
    {
        lock (_gate)
        {
            return [.. _rejected];
        }
    }

    /// <summary>The newest in; beyond the limit the oldest that waits is dropped.</summary>
    public void Enqueue(LinkFrame frame)
    {
        lock (_gate)
        {
            _ready.AddLast(new WorkItem(++_lastNumber, frame, time.GetTimestamp(), Redelivered: false));
            if (_ready.Count > queue.MaxLength)
            {
                _ready.RemoveFirst();
                if (_fullLog.Allows(out var suppressed))
                {
                    logger.WorkQueueFull(queue.Name, suppressed);
                }
            }
            Dispatch();
        }
    }

    private Task ReceiveAsync(LinkFrame frame)
    {
        Enqueue(frame);
        return Task.CompletedTask;
    }

    private void Dispatch()
    {
        while (_ready.First is { } first)
        {
            if (IsExpired(first.Value))
            {
                _ready.RemoveFirst();
                continue;
            }
            if (NextFree() is not { } worker)
            {
                return;
            }
            _ready.RemoveFirst();
            worker.Unacknowledged.Add(first.Value.Number, first.Value);
            worker.Post(first.Value);
        }
    }

    private MemoryWorker? NextFree()
    {
        for (var tried = 0; tried < _workers.Count; tried++)
        {
            _nextWorker = (_nextWorker + 1) % _workers.Count;
            if (_workers[_nextWorker] is var worker && worker.Unacknowledged.Count < worker.Prefetch)
            {
                return worker;
            }
        }
        return null;
    }

    private bool IsExpired(WorkItem item)
    {
        var now = time.GetTimestamp();
        return (item.Frame.ExpiresAt != 0 && now > item.Frame.ExpiresAt)
            || (queue.MessageTtl is { } timeToLive && time.GetElapsedTime(item.EnqueuedAt, now) > timeToLive);
    }
}

internal sealed record WorkItem(long Number, LinkFrame Frame, long EnqueuedAt, bool Redelivered);
