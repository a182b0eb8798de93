namespace Muster.Simulator;

/// <summary>
/// A process's connection, with the rules of <c>Muster.Bus</c>: a fresh inbox with each connect, sends
/// without a connection are dropped, and it connects again by itself.
/// </summary>
internal sealed class SimulatedLink(
    Broker broker, SimulatedProcess owner, LinkSettings settings, ILinkOwner ears)
{
    private static readonly long[] RetryDelays = [100, 250, 500, 1_000];

    private BrokerSession? _session;
    private bool _isUp;

    public SimulatedProcess Owner => owner;

    public LinkSettings Settings { get; private set; } = settings;

    public ILinkOwner Ears => ears;

    public BrokerSession? Session => _session;

    public bool IsUp => _isUp;

    public string Incarnation => _isUp ? _session!.Incarnation : "";

    public void Start() => Connect(0);

    /// <summary>From now on also takes work, over this connection and the next ones.</summary>
    public void Consume(IReadOnlyList<WorkSettings> queues)
    {
        Settings = Settings with { WorkQueues = queues };
        if (_isUp)
        {
            broker.StartDelivering(_session!);
        }
    }

    public void Send(string address, object message, string replyTo = "") =>
        Send(Destination.Inbox(address), new BusMessage(message, owner.Name, replyTo), null);

    public void Publish(
        string exchange, object message, string replyTo = "", Action<bool>? confirmed = null) =>
        Send(Destination.Fanout(exchange), new BusMessage(message, owner.Name, replyTo), confirmed);

    /// <summary>The process died: the broker finds out in its own time.</summary>
    public void OwnerDied()
    {
        var session = _session;
        (_session, _isUp) = (null, false);
        if (session is { IsOpen: true })
        {
            broker.OwnerDied(session);
        }
    }

    /// <summary>The process notices that its connection is gone.</summary>
    public void Lost(BrokerSession session)
    {
        if (_session != session)
        {
            return;
        }
        (_session, _isUp) = (null, false);
        session.Held.Clear();
        ears.OnLinkDown();
        owner.Later(RetryDelays[0] * Scheduler.Millisecond, () => Connect(0));
    }

    private void Connect(int failures)
    {
        if (_session is not null)
        {
            return;
        }
        if (broker.TryConnect(this) is not { } session)
        {
            var delay = RetryDelays[Math.Min(failures, RetryDelays.Length - 1)] * Scheduler.Millisecond;
            owner.Later(delay, () => Connect(failures + 1));
            return;
        }
        _session = session;
        owner.Later(broker.ConnectDelay(), () =>
        {
            if (_session != session)
            {
                return;
            }
            _isUp = true;
            broker.StartDelivering(session);
            ears.OnLinkUp();
        });
    }

    private void Send(Destination to, BusMessage message, Action<bool>? confirmed)
    {
        if (!_isUp)
        {
            if (confirmed is not null) owner.Later(0, () => confirmed(false));
            return;
        }
        broker.Take(_session!, to, message, confirmed);
    }
}

/// <summary>What a link tells its process.</summary>
internal interface ILinkOwner
{
    void OnLinkUp();

    void OnLinkDown();

    void OnMessage(BusMessage message);

    void OnQueueDeleted(string queue);
}
