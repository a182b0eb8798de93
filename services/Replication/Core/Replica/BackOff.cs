namespace Muster.Replication.Core;

/// <summary>Waits longer after each refusal: 50 ms, doubled up to 1 s, until something succeeds.</summary>
internal sealed class BackOff
{
    public const long FirstMilliseconds = 50;
    public const long LongestMilliseconds = 1_000;

    private long _delay = FirstMilliseconds;

    public long Until { get; private set; }

    public bool Holds(long now) => now < Until;

    public void Grow(long now)
    {
        // Several requests in flight are refused together: that counts as one refusal.
        if (Holds(now))
        {
            return;
        }
        Until = now + _delay;
        _delay = Math.Min(_delay * 2, LongestMilliseconds);
    }

    public void Reset()
    {
        _delay = FirstMilliseconds;
        Until = 0;
    }
}
