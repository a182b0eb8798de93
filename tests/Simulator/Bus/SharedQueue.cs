namespace Muster.Simulator;

/// <summary>
/// A durable queue that several processes take from: each message is with one of them until it is
/// acknowledged, and comes to another when that one's connection ends.
/// </summary>
internal sealed class SharedQueue(string name, HappeningCounts counts)
{
    private readonly SortedDictionary<long, WorkDelivery> _ready = [];
    private readonly List<(BrokerSession Session, WorkSettings Settings)> _consumers = [];
    private readonly List<WorkDelivery> _out = [];
    private long _order;
    private int _turn;
    private bool _isPersistent;

    public string Name { get; } = name;

    public int Ready => _ready.Count;

    public int Out => _out.Count;

    public void Add(BusMessage message, long now, long ttl, QueueLimits limits)
    {
        var delivery = new WorkDelivery(message, _order++, now + ttl);
        _ready.Add(delivery.Order, delivery);
        while (_ready.Count > (_isPersistent ? QueueLimits.Declared : limits).Work)
        {
            _ready.Remove(_ready.First().Key);
            counts.Count(Happening.WorkOverflow);
        }
    }

    public void Join(BrokerSession session, WorkSettings settings)
    {
        _isPersistent |= settings.IsPersistent;
        _consumers.Add((session, settings));
    }

    public void Leave(BrokerSession session)
    {
        _consumers.RemoveAll(consumer => consumer.Session == session);
        foreach (var delivery in _out.Where(delivery => delivery.Holder == session))
        {
            delivery.Holder = null;
            _ready.Add(delivery.Order, delivery);
        }
        _out.RemoveAll(delivery => delivery.Holder is null);
    }

    public void Ack(WorkDelivery delivery, BrokerSession session)
    {
        if (delivery.Holder == session)
        {
            _out.Remove(delivery);
        }
    }

    /// <summary>A broker that restarts keeps only what was persistent, and commands are not.</summary>
    public void Clear()
    {
        if (!_isPersistent)
        {
            _ready.Clear();
        }
        _out.Clear();
        _consumers.Clear();
    }

    /// <summary>The next message and who gets it; false while nothing waits or nobody has room.</summary>
    public bool TryNext(
        long now, Func<BrokerSession, bool> reaches,
        out WorkDelivery delivery, out BrokerSession session, out WorkSettings settings)
    {
        (delivery, session, settings) = (null!, null!, null!);
        while (_ready.Count > 0 && _ready.First() is var (order, oldest) && oldest.ExpiresAt <= now)
        {
            _ready.Remove(order);
            counts.Count(Happening.WorkExpiry);
        }
        if (_ready.Count == 0)
        {
            return false;
        }
        for (var tried = 0; tried < _consumers.Count; tried++)
        {
            var (candidate, wanted) = _consumers[_turn++ % _consumers.Count];
            if (reaches(candidate) && _out.Count(one => one.Holder == candidate) < wanted.Prefetch)
            {
                (delivery, session, settings) = (_ready.First().Value, candidate, wanted);
                _ready.Remove(delivery.Order);
                delivery.Holder = session;
                if (delivery.Deliveries++ > 0) counts.Count(Happening.Redelivery);
                _out.Add(delivery);
                return true;
            }
        }
        return false;
    }
}
