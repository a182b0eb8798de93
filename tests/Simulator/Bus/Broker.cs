namespace Muster.Simulator;

/// <summary>
/// The broker: exchanges and queues as <c>Muster.Bus</c> declares them on RabbitMQ. Peer traffic is
/// transient, an address that nobody listens at drops silently, and work stays with a consumer until it is
/// acknowledged.
/// </summary>
internal sealed partial class Broker(
    Scheduler scheduler, Network network, Chance chance, Trace trace, HappeningCounts counts)
{
    private readonly Dictionary<string, List<BrokerSession>> _bindings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(SharedQueue Queue, long Ttl)>> _bound =
        new(StringComparer.Ordinal);

    private readonly SortedDictionary<string, SharedQueue> _shared = new(StringComparer.Ordinal);
    private readonly List<BrokerSession> _sessions = [];
    private readonly Queue<Action> _stalled = new();
    private long _incarnations;

    public bool IsUp { get; private set; } = true;

    public bool IsStalled { get; private set; }

    public HintFaults Hints { get; set; } = HintFaults.None;

    public QueueLimits Limits { get; set; } = QueueLimits.Declared;

    public IReadOnlyList<BrokerSession> Sessions => _sessions;

    /// <summary>Sees each event that the broker has taken.</summary>
    public Action<object> OnEvent { get; set; } = _ => { };

    public long ConnectDelay() => chance.Between(2, 15) * Scheduler.Millisecond;

    public BrokerSession? TryConnect(SimulatedLink link)
    {
        if (!IsUp || IsStalled || !network.CanSend(link.Owner.Name) || !network.CanReceive(link.Owner.Name))
        {
            return null;
        }
        var session = new BrokerSession(link, $"{link.Settings.Address}.{++_incarnations:x8}");
        _sessions.Add(session);
        Bind(Destination.Inbox(link.Settings.Address), session);
        foreach (var exchange in link.Settings.Subscriptions)
        {
            Bind(Destination.Fanout(exchange), session);
        }
        trace.Add("connected", link.Owner.Name, _incarnations);
        return session;
    }

    public void StartDelivering(BrokerSession session)
    {
        if (!session.IsOpen)
        {
            return;
        }
        foreach (var settings in session.Link.Settings.WorkQueues)
        {
            if (!_shared.TryGetValue(settings.Name, out var queue))
            {
                _shared[settings.Name] = queue = new SharedQueue(settings.Name, counts);
                var key = Destination.Fanout(settings.Exchange).Key;
                _bound.TryAdd(key, []);
                _bound[key].Add((queue, settings.Ttl));
            }
            queue.Join(session, settings);
        }
        Flush(session);
        DispatchAll();
    }

    /// <summary>The owner of a connection died; without a path the broker waits for its heartbeat.</summary>
    public void OwnerDied(BrokerSession session)
    {
        var reaches = network.CanSend(session.Owner) && IsUp && !IsStalled;
        var delay = reaches ? chance.Between(300, 6_000) : chance.Between(1, 10) * Scheduler.Second;
        scheduler.After(delay, () => End(session));
    }

    /// <summary>
    /// The broker closes a connection: its inbox goes, its work goes to others, and it says so.
    /// </summary>
    public void End(BrokerSession session)
    {
        if (!session.IsOpen)
        {
            return;
        }
        session.IsOpen = false;
        _sessions.Remove(session);
        foreach (var queue in _shared.Values)
        {
            queue.Leave(session);
        }
        foreach (var key in BindingsOf(session.Link.Settings))
        {
            _bindings[key].Remove(session);
        }
        trace.Add("disconnected", session.Owner, session.WaitingInInbox);
        TellOwner(session);
        Announce(session.Incarnation);
        DispatchAll();
    }

    /// <summary>Whoever wants to know hears that a queue is gone; also used to lie about one.</summary>
    public void Announce(string queue)
    {
        if (!Hints.AreOn)
        {
            return;
        }
        foreach (var listener in _sessions.Where(one => one.Link.Settings.WantsHints).ToList())
        {
            if (chance.OfThousand(Hints.Lost))
            {
                counts.Count(Happening.HintLost);
                continue;
            }
            var delay = chance.Between(300, 6_000);
            if (chance.OfThousand(Hints.Late))
            {
                counts.Count(Happening.HintLate);
                delay += chance.Below(Hints.Lateness);
            }
            scheduler.After(delay, () => Push(listener, () => listener.Link.Ears.OnQueueDeleted(queue)));
        }
    }

    /// <summary>What somebody outside of the run publishes; lost while nobody can.</summary>
    public void Tell(string exchange, object body)
    {
        if (IsUp && !IsStalled)
        {
            Route(Destination.Fanout(exchange), new BusMessage(body, Sender: "", ReplyTo: ""));
        }
    }

    public void Stall() => IsStalled = true;

    /// <summary>All that came meanwhile is worked off at once.</summary>
    public void Unstall()
    {
        IsStalled = false;
        counts.Count(Happening.StalledMessage, _stalled.Count);
        while (_stalled.TryDequeue(out var action))
        {
            action();
        }
        foreach (var session in _sessions.ToList())
        {
            Flush(session);
        }
        DispatchAll();
    }

    /// <summary>Every connection ends, and with them everything that was transient.</summary>
    public void Stop()
    {
        _stalled.Clear();
        IsStalled = false;
        foreach (var session in _sessions.ToList())
        {
            End(session);
        }
        IsUp = false;
        foreach (var queue in _shared.Values)
        {
            queue.Clear();
        }
    }

    public void Restart() => IsUp = true;

    /// <summary>A path is mended: what waited on both sides of it comes through.</summary>
    public void Mended(string process)
    {
        foreach (var session in _sessions.Where(session => session.Owner == process).ToList())
        {
            foreach (var action in session.TakeHeld())
            {
                action();
            }
            Flush(session);
        }
        DispatchAll();
    }

    private void TellOwner(BrokerSession session)
    {
        var owner = session.Link.Owner;
        var life = owner.Life;
        var delay = network.CanReceive(session.Owner)
            ? network.Delay()
            : chance.Between(1, 10) * Scheduler.Second;
        scheduler.After(delay, () =>
        {
            if (owner.Life == life) owner.Deliver(() => session.Link.Lost(session));
        });
    }

    private void Bind(Destination to, BrokerSession session)
    {
        if (!_bindings.TryGetValue(to.Key, out var listeners))
        {
            _bindings[to.Key] = listeners = [];
        }
        listeners.Add(session);
    }

    private static IEnumerable<string> BindingsOf(LinkSettings settings) =>
        settings.Subscriptions.Select(exchange => Destination.Fanout(exchange).Key)
            .Append(Destination.Inbox(settings.Address).Key);
}

/// <summary>How the broker's word about deleted queues fares.</summary>
internal sealed record HintFaults
{
    /// <summary>The plugin is there, and tells the truth at once.</summary>
    public static HintFaults None { get; } = new() { AreOn = true };

    public bool AreOn { get; init; }

    /// <summary>Of a thousand.</summary>
    public int Lost { get; init; }

    public int Late { get; init; }

    public long Lateness { get; init; }
}
