namespace Muster.Client;

/// <summary>
/// The numbers of the heartbeats that were sent, and when: an answer counts from the sending.
/// </summary>
internal sealed class HeartbeatLog(LeaseClock clock, string incarnation)
{
    // An answer older than a TTL renews nothing, and twelve a TTL, or one every 2.5 s, are sent at most for
    // each TTL that is in use, of which there are few.
    private const int Kept = 256;
    private readonly Queue<(long Number, Stamp SentAt)> _sent = new();

    /// <summary>New with every client: answers to another life's heartbeats are told apart.</summary>
    public string Incarnation { get; } = incarnation;

    public long LastNumber { get; private set; }

    /// <summary>The next number; of heartbeats that renew nothing no answer is expected.</summary>
    public long Next(bool isRenewal)
    {
        LastNumber++;
        if (!isRenewal)
        {
            return LastNumber;
        }
        if (_sent.Count == Kept)
        {
            _sent.Dequeue();
        }
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
