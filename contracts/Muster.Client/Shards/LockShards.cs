using Microsoft.Extensions.Logging;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>
/// The lock groups, as many as the service says: each lock is in the one that its name says, under a session
/// that is opened there when the first one is wanted. To its user the client has one session: when one is
/// lost all are. Used under the client's gate.
/// </summary>
internal sealed class LockShards
{
    private readonly Func<int, int, LockShard> _newShard;
    private readonly MusterOptions _options;
    private readonly ILogger _logger;
    private LockShard[] _shards;
    private bool _isEnding;

    public LockShards(
        MusterOptions options, LeaseClock clock, LockCalls calls, Timetable timetable,
        HeartbeatLog heartbeats, ILogger logger)
    {
        (_options, _logger) = (options, logger);
        _newShard = (number, groups) =>
        {
            var shard =
                new LockShard(number, groups, options, clock, calls, timetable, heartbeats, logger);
            shard.Sessions.Opened += _ => Opened?.Invoke();
            shard.Sessions.Refused += _ => Refused?.Invoke();
            shard.Sessions.Lost += _ => OnLost();
            return shard;
        };
        // Until an answer says otherwise: a service with one group is asked nothing more for it.
        _shards = [_newShard(0, 1)];
    }

    /// <summary>As far as is known here.</summary>
    public int Groups => _shards.Length;

    /// <summary>A session was opened.</summary>
    public event Action? Opened;

    /// <summary>The sessions were lost, all of them; not when they are ended on purpose.</summary>
    public event Action? Lost;

    /// <summary>A group's service refuses to open one.</summary>
    public event Action? Refused;

    public bool IsRenewalDue => Array.Exists(_shards, shard => shard.Sessions.IsRenewalDue);

    public bool HasOpen => Array.Exists(_shards, shard => shard.Sessions.Current is not null);

    /// <summary>Those that are open, one for each group at most.</summary>
    public IEnumerable<Session> Open => _shards.Select(shard => shard.Sessions.Current).OfType<Session>();

    /// <summary>Acquires that wait in this process.</summary>
    public int ParkedCount => _shards.Sum(shard => shard.Acquires.ParkedCount);

    /// <summary>
    /// Somebody waits here for a session that is not open, whatever is open in other groups.
    /// </summary>
    public bool IsSessionMissing => Array.Exists(
        _shards, shard => shard.Acquires.ParkedCount > 0 && shard.Sessions.Current is null);

    public LockShard Of(string lockName) => _shards[LockGroups.OfLock(lockName, _shards.Length)];

    /// <summary>
    /// The session under which a lock of that name is held, or would be; empty when none is open, or when the
    /// name is not known and there are several.
    /// </summary>
    public string SessionIdFor(string lockName) =>
        lockName.Length > 0 || Groups == 1 ? Of(lockName).Sessions.Current?.Id ?? "" : "";

    /// <summary>A session that is open, or was lost lately.</summary>
    public Session? Find(string sessionId) => ShardOf(sessionId)?.Sessions.Find(sessionId);

    public void Start(Acquire acquire)
    {
        var waiting = ParkedCount;
        // Whoever waits already goes on: with a session all that wait in the service's queues come back here
        // at once, and they may be more than this.
        if (waiting >= _options.MaxWaitingCalls && !acquire.IsAgain)
        {
            acquire.Stage = AcquireStage.Ended;
            acquire.End(AcquireEnd.Refused, new LockRefused
            {
                Reason = LockRefusal.LimitReached,
                Message = $"{waiting} acquires wait in this process already.",
            });
            return;
        }
        acquire.Shard = Of(acquire.Name);
        acquire.Shard.Acquires.Start(acquire);
    }

    /// <summary>
    /// The caller waits no more. Nothing happens to an acquire that has ended or is granted.
    /// </summary>
    public static void GiveUp(Acquire acquire, AcquireEnd end) =>
        acquire.Shard?.Acquires.GiveUp(acquire, end);

    /// <summary>The holder gives the lock back.</summary>
    public static void Release(Acquire acquire) => acquire.Shard?.Held.Release(acquire);

    /// <summary>
    /// To be called before anything that relies on a lease: a paused process's timers come too late.
    /// </summary>
    public void CheckLease()
    {
        foreach (var shard in _shards)
        {
            shard.Sessions.CheckLease();
        }
    }

    public void Admit()
    {
        foreach (var shard in _shards)
        {
            shard.Acquires.Admit();
        }
    }

    public void LinkUp()
    {
        foreach (var shard in _shards)
        {
            shard.Sessions.LinkUp();
        }
    }

    /// <summary>
    /// The sessions that the heartbeat which goes now is to renew. Those that would follow soon go with those
    /// that are due, so that all keep one rhythm, and one message does for them.
    /// </summary>
    public IReadOnlyList<string> TakeRenewals(TimeSpan interval)
    {
        if (_shards.Length == 1)
        {
            return _shards[0].Sessions.TakeRenewals(interval);
        }
        var taken = Array.ConvertAll(_shards, shard => shard.Sessions.TakeRenewals(interval));
        if (Array.TrueForAll(taken, sessions => sessions.Count == 0))
        {
            return [];
        }
        return
        [
            .. _shards.SelectMany((shard, number) => taken[number].Count > 0
                ? taken[number]
                : shard.Sessions.TakeRenewals(TimeSpan.MaxValue)),
        ];
    }

    public void OnHeartbeatAnswered(HeartbeatAnswered answer, Stamp sentAt)
    {
        foreach (var shard in _shards)
        {
            shard.Sessions.OnHeartbeatAnswered(answer, sentAt);
        }
    }

    /// <summary>A lock was taken from its holder, who may be here: broken, or its session ended.</summary>
    public void OnLockLost(LockLost lost)
    {
        if (ShardOf(lost.SessionId) is { } shard && shard.Sessions.Find(lost.SessionId) is { } session)
        {
            shard.Held.LoseTaken(session, lost.AcquireId);
            shard.Acquires.LoseTaken(session, lost.AcquireId);
        }
    }

    /// <summary>A grant for no open acquire.</summary>
    public void OnStrayGrant(LockGranted granted) =>
        ShardOf(granted.SessionId)?.Returns.OnStrayGrant(granted);

    /// <summary>
    /// The service has told how many groups it has. Under another number nothing is where it was looked for:
    /// what waits is tried anew, and the sessions, if there are any, are of a cluster that is gone.
    /// </summary>
    public void Learn(int groups)
    {
        if (groups == _shards.Length || groups is < 1 or > LockGroups.Most)
        {
            return;
        }
        _logger.LockGroupsLearned(groups, _shards.Length);
        var before = _shards;
        End(before, keeper => keeper.Close());
        _shards = [.. Enumerable.Range(0, groups).Select(number => _newShard(number, groups))];
        foreach (var shard in before)
        {
            shard.Acquires.EndAll(AcquireEnd.Interrupted);
        }
    }

    /// <summary>Whoever still waits is told; the sessions end by <see cref="CloseSessions"/>.</summary>
    public void CloseAcquires()
    {
        foreach (var shard in _shards)
        {
            shard.Acquires.EndAll(AcquireEnd.Closed);
        }
    }

    /// <summary>Ends the sessions on purpose; the caller tells the service.</summary>
    public IReadOnlyList<Session> CloseSessions()
    {
        foreach (var session in Open)
        {
            session.IsGivenUp = true;
        }
        return End(_shards, keeper => keeper.Close());
    }

    private List<Session> End(LockShard[] shards, Func<SessionKeeper, Session?> end)
    {
        _isEnding = true;
        List<Session> ended = [.. shards.Select(shard => end(shard.Sessions)).OfType<Session>()];
        _isEnding = false;
        return ended;
    }

    /// <summary>
    /// The other sessions still live for the service, which ends them when they are renewed no more. They are
    /// not closed: until then nobody else gets their locks, so that whoever holds one has time to hear of it.
    /// </summary>
    private void OnLost()
    {
        if (_isEnding)
        {
            return;
        }
        Lost?.Invoke();
        if (Array.TrueForAll(_shards, shard => shard.Sessions.Current is null))
        {
            return;
        }
        var lost = End(_shards, keeper => keeper.End());
        _logger.OtherSessionsLost(string.Join(", ", lost.Select(session => session.Id)));
    }

    private LockShard? ShardOf(string sessionId) =>
        _shards.Length == 1 ? _shards[0]
        : LockGroups.OfSession(sessionId, _shards.Length) is { } number ? _shards[number]
        : null;
}
