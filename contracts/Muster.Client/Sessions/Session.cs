using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>
/// One session: its lease, its sequence numbers, and what hangs on it. Changed under the client's gate only;
/// the lease may be read without it.
/// </summary>
internal sealed class Session(string id, TimeSpan ttl, TakeoverTime takeover, Stamp openSentAt)
{
    private static readonly TimeSpan MinMargin = TimeSpan.FromMilliseconds(50);
    private volatile Stamp _renewedAt = openSentAt;
    private volatile bool _isLost;

    public string Id { get; } = id;

    public TimeSpan Ttl { get; } = ttl;

    /// <summary>When its locks are another's at the latest, as the service says.</summary>
    public TakeoverTime Takeover { get; } = takeover;

    /// <summary>What the client may count on: the TTL less the margin of design rule 4.</summary>
    public TimeSpan Lease { get; } = LeaseOf(ttl);

    public SequenceWindow Sequences { get; } = new();

    /// <summary>Acquires that are sent and neither granted nor refused nor given up.</summary>
    public Dictionary<string, Acquire> Pending { get; } = new(StringComparer.Ordinal);

    /// <summary>Granted acquires whose release is not answered yet.</summary>
    public Dictionary<string, Acquire> Held { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Acquires that nobody waits for any more, with the open cancel if there is one: a grant is given back.
    /// </summary>
    public Dictionary<string, LockCall?> GivenUp { get; } = new(StringComparer.Ordinal);

    /// <summary>Acquires of grants that are being given back without a handle.</summary>
    public HashSet<string> Returning { get; } = new(StringComparer.Ordinal);

    /// <summary>Acquires that are being taken back.</summary>
    public Dictionary<string, TaskCompletionSource<bool>> TakingBack { get; } = new(StringComparer.Ordinal);

    /// <summary>When the newest answered renewal was sent.</summary>
    public Stamp RenewedAt => _renewedAt;

    public bool IsLost => _isLost;

    /// <summary>The client is disposed, and ends it itself: what it holds is given up, not lost.</summary>
    public bool IsGivenUp { get; set; }

    public static TimeSpan LeaseOf(TimeSpan ttl)
    {
        var share = ttl / 50;
        return ttl - (share > MinMargin ? share : MinMargin);
    }

    public bool IsAlive(LeaseClock clock) => !_isLost && clock.Elapsed(_renewedAt) < Lease;

    /// <summary>False when a newer renewal was answered before: this answer is old news.</summary>
    public bool Renew(Stamp sentAt)
    {
        if (sentAt.Timestamp <= _renewedAt.Timestamp)
        {
            return false;
        }
        _renewedAt = sentAt;
        return true;
    }

    /// <summary>The acquire holds nothing and does not wait.</summary>
    public void TookBack(string acquireId)
    {
        if (TakingBack.Remove(acquireId, out var taken))
        {
            taken.TrySetResult(true);
        }
    }

    /// <summary>With the session all that hangs on it ends.</summary>
    public void TookBackAll()
    {
        foreach (var acquireId in TakingBack.Keys.ToArray())
        {
            TookBack(acquireId);
        }
    }

    public void MarkLost() => _isLost = true;
}
