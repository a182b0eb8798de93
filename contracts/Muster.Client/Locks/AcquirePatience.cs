namespace Muster.Client;

/// <summary>How long one caller's acquire goes on, over all its tries.</summary>
internal sealed class AcquirePatience
{
    private readonly LeaseClock _clock;

    /// <exception cref="ArgumentOutOfRangeException">The time-out is negative.</exception>
    public AcquirePatience(LeaseClock clock, TimeSpan? timeout, TimeSpan callTimeout)
    {
        if (timeout is { } given)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(given, TimeSpan.Zero, nameof(timeout));
        }
        _clock = clock;
        var now = clock.Now;
        var longest = TimeSpan.MaxValue - now - AcquireTable.WaitGrace;
        Deadline = timeout is { } wait && wait < longest ? now + wait : null;
        UnsentLimit = Deadline is null ? null : now + (timeout > callTimeout ? timeout : callTimeout);
    }

    /// <summary>When the wait in the queue ends; null: never.</summary>
    public TimeSpan? Deadline { get; }

    /// <summary>When it ends if nothing could be sent; null: never.</summary>
    public TimeSpan? UnsentLimit { get; }

    /// <summary>Whether another try, under a new id, is worth it and allowed.</summary>
    public bool GoesOn(Acquire acquire, AcquireEnd end) => end switch
    {
        // Not sent: its turn came, and the link was gone before it went.
        AcquireEnd.Interrupted or AcquireEnd.NotSent => UnsentLimit is null || _clock.Now < UnsentLimit,
        // The service waits a day at most; a longer wait goes on with another.
        AcquireEnd.Busy => acquire.WaitMilliseconds == AcquireTable.MaxWaitMilliseconds
            && (Deadline is null || _clock.Now < Deadline),
        _ => false,
    };
}
