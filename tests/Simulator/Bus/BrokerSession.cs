namespace Muster.Simulator;

/// <summary>
/// One connection of a process, as the broker keeps it: its exclusive inbox and what it has out.
/// </summary>
internal sealed class BrokerSession(SimulatedLink link, string incarnation)
{
    private readonly Queue<(BusMessage Message, long ExpiresAt)> _inbox = new();

    public SimulatedLink Link { get; } = link;

    public string Incarnation { get; } = incarnation;

    public string Owner => Link.Owner.Name;

    /// <summary>As the broker sees it; the process may believe otherwise for a while.</summary>
    public bool IsOpen { get; set; } = true;

    public Network.Lane Up { get; } = new();

    public Network.Lane Down { get; } = new();

    /// <summary>What a cut socket keeps for later.</summary>
    public Queue<Action> Held { get; } = new();

    /// <summary>What had left the broker when the path was cut.</summary>
    public Queue<Action> OnItsWay { get; } = new();

    public int WaitingInInbox => _inbox.Count;

    /// <summary>Keeps it for later; how many gave way to it.</summary>
    public int Keep(BusMessage message, long expiresAt, int maxLength)
    {
        _inbox.Enqueue((message, expiresAt));
        var dropped = 0;
        for (; _inbox.Count > maxLength; dropped++)
        {
            _inbox.Dequeue();
        }
        return dropped;
    }

    public IReadOnlyList<Action> TakeHeld()
    {
        Action[] held = [.. OnItsWay, .. Held];
        OnItsWay.Clear();
        Held.Clear();
        return held;
    }

    /// <summary>What waits in the inbox and is not too old, once it can be delivered.</summary>
    public IEnumerable<BusMessage> TakeWaiting(long now, Action onExpired)
    {
        while (_inbox.TryDequeue(out var waiting))
        {
            if (waiting.ExpiresAt > now)
            {
                yield return waiting.Message;
            }
            else
            {
                onExpired();
            }
        }
    }
}
