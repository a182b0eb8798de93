namespace Muster.Client;

/// <summary>
/// The numbers of the heartbeats that were sent, and when: an answer counts from the sending.
/// </summary>
internal sealed class HeartbeatLog(LeaseClock clock)
{
    // Twelve a TTL are sent at most, and an answer older than a TTL renews nothing.
    private const int Kept = 64;
    private readonly Queue<(long Number, Stamp SentAt)> _sent = new();

    /// <summary>New with every client: answers to another life's heartbeats are told apart.</summary>
    public string Incarnation { get; } = Guid.NewGuid().ToString("N");

    public long LastNumber { get; private set; }

    public long Next()
    {
        if (_sent.Count == Kept)
        {
            _sent.Dequeue();
        }
        LastNumber++;
        _sent.Enqueue((LastNumber, clock.Stamp()));
        return LastNumber;
    }

    /// <summary>Null when that number was never sent or is too old to matter.</summary>
    public Stamp? SentAt(long number)
    {
        foreach (var (sent, at) in _sent)
        {
            if (sent == number)
            {
                return at;
            }
        }
        return null;
    }
}
