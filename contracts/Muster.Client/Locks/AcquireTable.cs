using Microsoft.Extensions.Logging;
using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>
/// Takes acquires from parking to their grant or other end; <see cref="HeldTable"/> goes on from there, and
/// <see cref="GrantReturns"/> with what nobody wants any more. Used under the client's gate.
/// </summary>
internal sealed class AcquireTable
{
    public const long MaxWaitMilliseconds = 86_400_000;

    // The service's refusal of a wait that ran out is the better answer; this long it may be late.
    public static readonly TimeSpan WaitGrace = TimeSpan.FromSeconds(1);

    private readonly MusterOptions _options;
    private readonly LeaseClock _clock;
    private readonly LockCalls _calls;
    private readonly Timetable _timetable;
    private readonly SessionKeeper _keeper;
    private readonly HeldTable _held;
    private readonly GrantReturns _returns;
    private readonly ILogger _logger;
    private readonly LinkedList<Acquire> _parked = new();

    public AcquireTable(
        MusterOptions options, LeaseClock clock, LockCalls calls, Timetable timetable, SessionKeeper keeper,
        HeldTable held, GrantReturns returns, ILogger logger)
    {
        (_options, _clock, _calls, _timetable) = (options, clock, calls, timetable);
        (_keeper, _held, _returns, _logger) = (keeper, held, returns, logger);
        keeper.Lost += OnSessionLost;
        keeper.Refused += OnSessionRefused;
    }

    /// <summary>Acquires that wait in this process.</summary>
    public int ParkedCount => _parked.Count;

    public void Start(Acquire acquire)
    {
        acquire.Parking = _parked.AddLast(acquire);
        acquire.Due = new Due(() => OnDue(acquire));
        if (acquire.UnsentLimit is { } limit)
        {
            _timetable.Set(acquire.Due, limit);
        }
    }

    /// <summary>
    /// Sends what is parked, as far as there is a session with room. Called after every step of the client.
    /// </summary>
    public void Admit()
    {
        while (_parked.First is { Value: var acquire } && _calls.IsUp)
        {
            if (_keeper.Current is not { } session)
            {
                _keeper.Want();
                return;
            }
            if (session.Sequences.Span >= _options.MaxOpenCommands)
            {
                return;
            }
            Unpark(acquire);
            Send(acquire, session);
        }
    }

    /// <summary>
    /// The caller waits no more. Nothing happens to an acquire that has ended or is granted.
    /// </summary>
    public void GiveUp(Acquire acquire, AcquireEnd end)
    {
        switch (acquire.Stage)
        {
            case AcquireStage.Parked:
                Unpark(acquire);
                break;
            case AcquireStage.Sent or AcquireStage.Queued:
                var call = acquire.Call!;
                Withdraw(acquire);
                if (call.FirstSentAt is not null)
                {
                    acquire.Session!.TakingBack[acquire.Id] = acquire.TakenBack;
                    _returns.Cancel(acquire.Session!, acquire.Id);
                }
                break;
            default:
                return;
        }
        acquire.Stage = AcquireStage.Ended;
        acquire.End(end);
    }

    /// <summary>The client closes, or leaves the group: whoever still waits is told.</summary>
    public void EndAll(AcquireEnd end)
    {
        while (_parked.First is { Value: var acquire })
        {
            GiveUp(acquire, end);
        }
        foreach (var acquire in _keeper.Current?.Pending.Values.ToArray() ?? [])
        {
            Withdraw(acquire);
            acquire.Stage = AcquireStage.Ended;
            acquire.End(end);
        }
    }

    /// <summary>The service has granted it, by an answer or as a heartbeat's answer tells.</summary>
    public void Grant(Acquire acquire, FencingToken token)
    {
        Withdraw(acquire);
        acquire.KnownSince = _keeper.LastHeartbeat;
        HeldTable.Hold(acquire, token);
    }

    /// <summary>
    /// The service has granted it and taken it away again; its grant does not count any more when it comes.
    /// </summary>
    public void LoseTaken(Session session, string acquireId)
    {
        if (session.Pending.TryGetValue(acquireId, out var acquire))
        {
            Withdraw(acquire);
            acquire.Stage = AcquireStage.Ended;
            acquire.End(AcquireEnd.Interrupted);
        }
    }

    private void Send(Acquire acquire, Session session)
    {
        if (acquire.Claim.Upgrades is { } hold
            && (hold.Stage != AcquireStage.Held || hold.Session != session))
        {
            acquire.Stage = AcquireStage.Ended;
            acquire.End(AcquireEnd.Interrupted); // what it was to upgrade is gone
            return;
        }
        var left = acquire.Deadline is { } deadline
            ? Math.Max(0, (deadline - _clock.Now).TotalMilliseconds)
            : MaxWaitMilliseconds;
        acquire.WaitMilliseconds = (long)Math.Min(left, MaxWaitMilliseconds);
        acquire.Session = session;
        acquire.Stage = AcquireStage.Sent;
        acquire.Call = new LockCall
        {
            Id = acquire.Id,
            Session = session,
            TraceParent = acquire.TraceParent,
            Bytes = acquire.Claim.Bytes,
            Command = call => acquire.Claim.Acquire(acquire, call),
            OnAnswer = reply => OnAnswer(acquire, reply),
            Timeout = _options.CallTimeout,
            // A broker that restarts costs its caller time and nothing else: under its id and number the
            // service does it once for as long as the session lives, and with the session it is interrupted.
            OutlastsOutagesUntil = acquire.Deadline ?? TimeSpan.MaxValue,
            OnTimeout = () => OnUnanswered(acquire),
        };
        session.Pending.Add(acquire.Id, acquire);
        _calls.Open(acquire.Call);
    }

    private void OnAnswer(Acquire acquire, LockReply reply)
    {
        if (reply.LockGranted is { } granted)
        {
            Grant(acquire, granted.FencingToken);
        }
        else if (reply.LockQueued is not null)
        {
            acquire.Stage = AcquireStage.Queued;
            acquire.KnownSince = _keeper.LastHeartbeat;
            if (acquire.Deadline is { } deadline)
            {
                _timetable.Set(acquire.Due!, deadline + WaitGrace);
            }
        }
        else
        {
            Refuse(acquire, reply.LockRefused ?? CallKinds.OddLockAnswer);
        }
    }

    private void Refuse(Acquire acquire, LockRefused refusal)
    {
        if (refusal.Reason == LockRefusal.SessionUnknown && acquire.Session == _keeper.Current)
        {
            _keeper.Lose(acquire.Session!, "the service does not know it");
            return;
        }
        Withdraw(acquire);
        acquire.Stage = AcquireStage.Ended;
        var end = refusal.Reason switch
        {
            LockRefusal.LockBusy => AcquireEnd.Busy,
            // Its first answer was "queued", its wait has ended since, and that answer was lost and is
            // forgotten.
            LockRefusal.AlreadyAnswered => AcquireEnd.Interrupted,
            // Granted, and broken before that was known here.
            LockRefusal.NotHeld when acquire.Claim.Upgrades is null => AcquireEnd.Interrupted,
            _ => AcquireEnd.Refused,
        };
        acquire.End(end, refusal);
    }

    private void OnUnanswered(Acquire acquire) =>
        GiveUp(acquire, acquire.Call!.FirstSentAt is null ? AcquireEnd.NotSent : AcquireEnd.Unknown);

    private void OnDue(Acquire acquire) =>
        GiveUp(acquire, acquire.Stage == AcquireStage.Parked ? AcquireEnd.NotSent : AcquireEnd.WaitedOut);

    private void OnSessionRefused(LockRefused refusal)
    {
        _logger.SessionRefused(refusal.Reason, refusal.Message);
        while (_parked.First is { Value: var acquire })
        {
            Unpark(acquire);
            acquire.Stage = AcquireStage.Ended;
            acquire.End(AcquireEnd.Refused, refusal);
        }
    }

    private void OnSessionLost(Session session)
    {
        _held.OnSessionLost(session);
        foreach (var upgrade in _parked.Where(one => one.Claim.Upgrades?.Session == session).ToArray())
        {
            GiveUp(upgrade, AcquireEnd.Interrupted);
        }
        foreach (var acquire in session.Pending.Values.ToArray())
        {
            Withdraw(acquire);
            session.GivenUp[acquire.Id] = null;
            acquire.Stage = AcquireStage.Ended;
            acquire.End(AcquireEnd.Interrupted);
        }
        _returns.OnSessionLost(session);
    }

    private void Unpark(Acquire acquire)
    {
        _parked.Remove(acquire.Parking!);
        _timetable.Clear(acquire.Due!);
    }

    private void Withdraw(Acquire acquire)
    {
        acquire.Session!.Pending.Remove(acquire.Id);
        _timetable.Clear(acquire.Due!);
        _calls.Close(acquire.Call!);
    }
}
