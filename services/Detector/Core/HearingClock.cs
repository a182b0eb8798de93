namespace Muster.Detector.Core;

/// <summary>
/// The time in which a judge would have heard a heartbeat. It moves on only when the judge's own beat comes
/// back over the bus, by a few of its intervals at most; so a broker that stands still or takes nothing, a
/// cut link, and a judge that stood still itself make nobody silent. After a longer gap a new round begins,
/// and silences count from its start: everybody gets the chance of a beat.
/// </summary>
/// <param name="longestStep">Counted at most between two beats of its own, in microseconds.</param>
/// <param name="longestGap">A longer gap, its own pause included, ends the round.</param>
public sealed class HearingClock(long longestStep, long longestGap)
{
    private long _heardAt;
    private long? _tickedAt;
    private bool _isInterrupted = true;

    /// <summary>Microseconds heard so far.</summary>
    public long Time { get; private set; }

    /// <summary>Microseconds within rounds that were not counted.</summary>
    public long Lost { get; private set; }

    /// <summary>Counts the stretches of uninterrupted hearing.</summary>
    public long Round { get; private set; }

    /// <summary>When the present round began, as <see cref="Time"/>.</summary>
    public long RoundStart { get; private set; }

    /// <summary>The judge's own beat came back.</summary>
    /// <param name="now">The judge's own clock: monotonic, in microseconds.</param>
    public void Hear(long now)
    {
        var gap = Math.Max(0, now - _heardAt);
        if (_isInterrupted || gap > longestGap)
        {
            _isInterrupted = false;
            Round++;
            RoundStart = Time;
        }
        else
        {
            var counted = Math.Min(gap, longestStep);
            Time += counted;
            Lost += gap - counted;
        }
        _heardAt = now;
    }

    /// <summary>The judge runs; a long time since the last call means that it did not.</summary>
    public void Tick(long now)
    {
        if (now - (_tickedAt ?? now) > longestGap)
        {
            Interrupt();
        }
        _tickedAt = now;
    }

    /// <summary>The link went down or came up again: what was sent meanwhile is lost.</summary>
    public void Interrupt() => _isInterrupted = true;

    public bool IsHearing(long now) => !_isInterrupted && now - _heardAt <= longestGap;

    /// <summary>No time is being lost: its own last beat is not long ago.</summary>
    public bool IsSteady(long now) => !_isInterrupted && now - _heardAt <= longestStep;

    /// <summary>
    /// Where <see cref="Time"/> will be at most when the next beat of its own is heard: what arrives now must
    /// not be taken for older than it is.
    /// </summary>
    public long At(long now) => Time + (_isInterrupted ? 0 : Math.Clamp(now - _heardAt, 0, longestStep));
}
