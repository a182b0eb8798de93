namespace Muster.Client;

/// <summary>
/// When a session or a lease is renewed next: its interval after the renewal that was answered last was sent,
/// and sooner while there is no answer. Used under the client's gate.
/// </summary>
internal sealed class Renewal
{
    // The answer also tells what was lost meanwhile, when the event of that was lost too: who asks for hours
    // does not want to hear of it after hours.
    /// <summary>The longest: whatever is renewed is renewed again after this.</summary>
    public static readonly TimeSpan MaxInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MinRetry = TimeSpan.FromMilliseconds(250);

    private readonly LeaseClock _clock;
    private readonly Timetable _timetable;
    private readonly TimeSpan _interval;
    private readonly Due _due;

    public Renewal(LeaseClock clock, Timetable timetable, TimeSpan ttl)
    {
        (_clock, _timetable, _interval) = (clock, timetable, IntervalOf(ttl));
        _due = new Due(OnDue);
    }

    /// <summary>A heartbeat is wanted for it now.</summary>
    public bool IsDue { get; private set; }

    // A replica that stops takes heartbeats with it, and two of three lost in turn would cost the session; so
    // one without an answer is followed sooner.
    private TimeSpan RetryInterval =>
        _interval / 4 > MinRetry ? _interval / 4
        : _interval < MinRetry ? _interval
        : MinRetry;

    /// <summary>Three renewals a TTL, and one every 10 s at least.</summary>
    public static TimeSpan IntervalOf(TimeSpan ttl) => ttl / 3 < MaxInterval ? ttl / 3 : MaxInterval;

    /// <summary>As soon as possible.</summary>
    public void Hurry() => IsDue = true;

    /// <summary>
    /// A heartbeat goes now. True: it is to renew this, because it is due, or would be before the next
    /// regular heartbeat, so that one message does for both.
    /// </summary>
    public bool Take(TimeSpan regular)
    {
        var early = regular < _interval / 2 ? regular : _interval / 2;
        if (!IsDue && !(_due.IsSet && _due.At < _clock.Now + early))
        {
            return false;
        }
        IsDue = false;
        _timetable.Set(_due, _clock.Now + RetryInterval);
        return true;
    }

    public void Answered(Stamp sentAt)
    {
        IsDue = false;
        var left = _interval - _clock.Elapsed(sentAt);
        _timetable.Set(_due, _clock.Now + (left > TimeSpan.Zero ? left : TimeSpan.Zero));
    }

    public void Clear()
    {
        IsDue = false;
        _timetable.Clear(_due);
    }

    private void OnDue()
    {
        IsDue = true;
        _timetable.Set(_due, _clock.Now + RetryInterval);
    }
}
