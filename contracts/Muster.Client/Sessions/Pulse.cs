using Muster.Contracts;
using Muster.Contracts.Detector;

namespace Muster.Client;

/// <summary>
/// The client's heartbeats: regular ones, by which the detectors judge the process, and among them those that
/// renew the session and the leases. Used under the client's gate.
/// </summary>
internal sealed class Pulse
{
    // Two missed ones are the evidence of a crash, and all is to be over within a second.
    private static readonly TimeSpan CrashInterval = TimeSpan.FromMilliseconds(250);

    private readonly MusterOptions _options;
    private readonly LeaseClock _clock;
    private readonly Timetable _timetable;
    private readonly HeartbeatLog _log;
    private readonly LockShards _sessions;
    private readonly LeaseKeeper _leases;
    private readonly Due _regular;
    private TimeSpan _plannedAt;
    private bool _isDue;
    private bool _isLastDue;
    private bool _isUp;

    public Pulse(
        MusterOptions options, LeaseClock clock, Timetable timetable, HeartbeatLog log,
        LockShards sessions, LeaseKeeper leases)
    {
        (_options, _clock, _timetable, _log) = (options, clock, timetable, log);
        (_sessions, _leases) = (sessions, leases);
        _regular = new Due(() => Beat(_regular!.At));
        _sessions.Opened += OnSessionOpened;
    }

    /// <summary>Of the regular ones, as they promise it; zero: there are none.</summary>
    private TimeSpan Interval =>
        _options.IsReleasedOnCrash && _sessions.HasOpen && _options.HeartbeatInterval > CrashInterval
            ? CrashInterval
            : _options.HeartbeatInterval;

    public void LinkUp()
    {
        _isUp = true;
        _sessions.LinkUp();
        _leases.LinkUp();
        if (_options.HeartbeatInterval > TimeSpan.Zero)
        {
            Beat(_clock.Now); // silence before was the link's, not this process's
        }
    }

    public void LinkDown()
    {
        _isUp = false;
        _isDue = false;
        _timetable.Clear(_regular);
    }

    /// <summary>The client closes: one more heartbeat says so, and then none.</summary>
    public void Close()
    {
        _timetable.Clear(_regular);
        _isLastDue = _isUp && _options.HeartbeatInterval > TimeSpan.Zero;
        _isDue = _isLastDue;
    }

    /// <summary>The heartbeat that is due, numbered and stamped as of now; null when none is.</summary>
    public Heartbeat? Take(string address, string connection)
    {
        if (!_isUp || !(_isDue || _sessions.IsRenewalDue || _leases.IsRenewalDue))
        {
            return null;
        }
        var lag = _isDue && !_isLastDue ? _clock.Now - _plannedAt : TimeSpan.Zero;
        var interval = Interval;
        var sessions = _sessions.TakeRenewals(interval);
        var leases = _leases.TakeRenewals(interval);
        var heartbeat = new Heartbeat
        {
            Node = _options.Node,
            Incarnation = _log.Incarnation,
            Number = _log.Next(isRenewal: sessions.Count + leases.Count > 0),
            Sessions = sessions,
            Leases = leases,
            IntervalMilliseconds = (long)interval.TotalMilliseconds,
            LagMilliseconds = (long)lag.TotalMilliseconds,
            Connection = connection,
            IsLast = _isLastDue,
            ReplyTo = ReplyAddress.Inbox(address),
        };
        _isDue = false;
        _isLastDue = false;
        return heartbeat;
    }

    public void OnAnswered(HeartbeatAnswered answer)
    {
        if (answer.Incarnation == _log.Incarnation && _log.SentAt(answer.Number) is { } sentAt)
        {
            _sessions.OnHeartbeatAnswered(answer, sentAt);
            _leases.OnHeartbeatAnswered(answer, sentAt);
        }
    }

    private void Beat(TimeSpan planned)
    {
        _isDue = true;
        _plannedAt = planned;
        // On a fixed beat, so that a late timer makes the next interval shorter instead of moving all of
        // them; after a pause there is nothing to catch up with.
        var next = planned + Interval;
        _timetable.Set(_regular, next > _clock.Now ? next : _clock.Now + Interval);
    }

    /// <summary>
    /// The shorter interval counts once it is promised; the longer, with the next that is due.
    /// </summary>
    private void OnSessionOpened()
    {
        if (_isUp && _regular.IsSet && _regular.At > _clock.Now + Interval)
        {
            Beat(_clock.Now);
        }
    }
}
