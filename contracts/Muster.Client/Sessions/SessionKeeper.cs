using Microsoft.Extensions.Logging;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>
/// Opens the session when one is wanted, renews it by heartbeats, and declares it lost when its lease has run
/// out by the clock. Used under the client's gate.
/// </summary>
internal sealed class SessionKeeper(
    MusterOptions options, LeaseClock clock, LockCalls calls, Timetable timetable, HeartbeatLog heartbeats,
    ILogger logger)
{
    // Timers follow the monotonic clock, which stands still while the machine is suspended; so the clocks are
    // looked at this often, whatever the lease.
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);
    private const int MaxPast = 16;

    private readonly List<Session> _past = [];
    private readonly Renewal _renewal = new(clock, timetable, options.SessionTtl);
    private Due? _look;
    private LockCall? _opening;

    public Session? Current { get; private set; }

    /// <summary>Of several lock groups a session's id says in which it is.</summary>
    public required Func<string> NewSessionId { get; init; }

    /// <summary>
    /// An answer to a later heartbeat than this one tells of everything that has arrived by now.
    /// </summary>
    public long LastHeartbeat => heartbeats.LastNumber;

    /// <summary>A heartbeat is wanted now, to renew the session.</summary>
    public bool IsRenewalDue => _renewal.IsDue;

    /// <summary>A session was opened.</summary>
    public event Action<Session>? Opened;

    /// <summary>A session was lost: everything that hangs on it.</summary>
    public event Action<Session>? Lost;

    /// <summary>No session can be had: the service refuses to open one.</summary>
    public event Action<LockRefused>? Refused;

    /// <summary>A renewal's answer came, with the heartbeat's number.</summary>
    public event Action<Session, SessionRenewal, long>? Renewed;

    /// <summary>Opens a session unless there is one, or one is being opened, or the link is down.</summary>
    public void Want()
    {
        if (Current is not null || _opening is not null || !calls.IsUp)
        {
            return;
        }
        var sessionId = NewSessionId();
        // The lease counts from the first sending of this id, so an answer after half of it gives a session
        // that is half gone: a new id is better then. The abandoned session ends by itself.
        var half = Session.LeaseOf(options.SessionTtl) / 2;
        _opening = new LockCall
        {
            Id = calls.NewId(),
            Command = call => new LockCommand { OpenSession = Opening(call, sessionId) },
            OnAnswer = reply => OnOpened(sessionId, reply),
            Timeout = options.CallTimeout < half ? options.CallTimeout : half,
            OnTimeout = () => _opening = null,
        };
        calls.Open(_opening);
    }

    /// <summary>The current session or one lost lately, by its id.</summary>
    public Session? Find(string sessionId) =>
        Current?.Id == sessionId ? Current : _past.Find(session => session.Id == sessionId);

    /// <summary>
    /// To be called before anything that relies on the lease: a paused process's timers come too late.
    /// </summary>
    public void CheckLease()
    {
        if (Current is { } session && !session.IsAlive(clock))
        {
            Lose(session, "no renewal was answered within its lease");
        }
    }

    public void LinkUp()
    {
        if (Current is not null)
        {
            _renewal.Hurry(); // grants may have been lost with the old inbox
        }
    }

    /// <summary>The sessions that the heartbeat which goes now is to renew.</summary>
    public IReadOnlyList<string> TakeRenewals(TimeSpan interval) =>
        Current is { } session && _renewal.Take(interval) ? [session.Id] : [];

    public void OnHeartbeatAnswered(HeartbeatAnswered answer, Stamp sentAt)
    {
        foreach (var renewal in answer.Sessions)
        {
            if (Current is not { } session || renewal.SessionId != session.Id)
            {
                continue;
            }
            if (renewal.Status == RenewalStatus.Unknown)
            {
                Lose(session, "the service does not know it");
                continue;
            }
            if (session.Renew(sentAt))
            {
                _renewal.Answered(sentAt);
                Renewed?.Invoke(session, renewal, answer.Number);
            }
        }
    }

    public void Lose(Session session, string cause)
    {
        if (session != Current)
        {
            return;
        }
        Forget(session);
        logger.SessionLost(session.Id, session.Held.Count, session.Pending.Count, cause);
        Lost?.Invoke(session);
    }

    /// <summary>As <see cref="End"/>, and none is opened either.</summary>
    public Session? Close()
    {
        if (_opening is { } opening)
        {
            calls.Close(opening);
            _opening = null;
        }
        return End();
    }

    /// <summary>
    /// Ends the session that is open, if one is; what becomes of it at the service is the caller's to say.
    /// </summary>
    public Session? End()
    {
        var session = Current;
        if (session is not null)
        {
            Forget(session);
            Lost?.Invoke(session);
        }
        return session;
    }

    private OpenSession Opening(Call call, string sessionId) => new()
    {
        CommandId = call.Id,
        SessionId = sessionId,
        TtlMilliseconds = (long)options.SessionTtl.TotalMilliseconds,
        LockDelayMilliseconds = (long)options.LockDelay.TotalMilliseconds,
        Owner = options.Owner,
        Node = options.IsReleasedOnCrash ? options.Node : "",
        Incarnation = options.IsReleasedOnCrash ? heartbeats.Incarnation : "",
    };

    private void OnOpened(string sessionId, LockReply reply)
    {
        var sentAt = _opening!.FirstSentAt!;
        _opening = null;
        if (reply.SessionOpened is not { } opened)
        {
            Refused?.Invoke(reply.LockRefused ?? CallKinds.OddLockAnswer);
            return;
        }
        var session = new Session(sessionId, options.SessionTtl, opened.Takeover, sentAt);
        if (!session.IsAlive(clock))
        {
            return; // the process was paused meanwhile; whoever waits has another one opened
        }
        Current = session;
        logger.SessionOpened(sessionId, options.SessionTtl, options.IsReleasedOnCrash);
        _look ??= new Due(OnLook);
        _renewal.Answered(sentAt);
        OnLook();
        Opened?.Invoke(session);
    }

    private void OnLook()
    {
        CheckLease();
        if (Current is { } session)
        {
            var left = session.Lease - clock.Elapsed(session.RenewedAt);
            timetable.Set(_look!, clock.Now + (left < LookInterval ? left : LookInterval));
        }
    }

    private void Forget(Session session)
    {
        session.MarkLost();
        Current = null;
        _renewal.Clear();
        timetable.Clear(_look!);
        if (_past.Count == MaxPast)
        {
            _past.RemoveAt(0);
        }
        _past.Add(session);
    }
}
