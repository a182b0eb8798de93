using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;

namespace Muster.Client.Tests.Doubles;

/// <summary>
/// A lock service's state in its simplest form: sessions, queues by name whose head is the holder, results by
/// id.
/// </summary>
internal sealed class LockTable
{
    private const string Other = "another-session";
    private readonly Dictionary<string, LockReply> _results = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<AcquireLock>> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FencingToken> _tokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _cancelled = new(StringComparer.Ordinal);
    private long _token;

    public HashSet<string> Sessions { get; } = new(StringComparer.Ordinal);

    public string? HolderOf(string name) =>
        _queues.TryGetValue(name, out var queue) && queue.Count > 0 ? queue[0].CommandId : null;

    public long Epoch { get; set; } = 1;

    public long Index { get; set; }

    public ElectionLeader? LeaderOf(string election) =>
        HolderOf("muster:election:" + election) is { } id
            ? new ElectionLeader { CampaignId = id, FencingToken = _tokens[id], Value = _values[id] }
            : null;

    public void HoldByOther(string name) => Acquire(new AcquireLock
    {
        CommandId = "other-" + name,
        SessionId = Other,
        Name = name,
        WaitMilliseconds = 1,
    });

    public IEnumerable<LockReply> FreeByOther(string name) => Remove("other-" + name);

    /// <summary>Ends a wait as its running out would.</summary>
    public LockReply RunOut(string acquireId)
    {
        _ = Remove(acquireId).ToList();
        return _results[acquireId] = Refused(acquireId, LockRefusal.LockBusy);
    }

    /// <summary>The lock goes from its holder without its doing.</summary>
    public void Break(string acquireId) => _ = Remove(acquireId).ToList();

    /// <summary>Over how many groups it spreads its locks.</summary>
    public int Groups { get; set; } = 1;

    public IEnumerable<LockReply> Do(LockCommand command) => command switch
    {
        { OpenSession: { } open } when LockGroups.OfSession(open.SessionId, Groups) is null =>
            [Misplaced(open.CommandId)],
        { AcquireLock: { } acquire } when !IsPlaced(acquire.SessionId, acquire.Name) =>
            [Misplaced(acquire.CommandId)],
        { Campaign: { } campaign } when !IsPlaced(
            campaign.SessionId, LockGroups.LockOfElection(campaign.Election)) =>
            [Misplaced(campaign.CommandId)],
        { OpenSession: { } open } => Once(open.CommandId, () => Open(open)),
        { CloseSession: { } close } => Once(close.CommandId, () => Close(close)),
        { AcquireLock: { } acquire } => Once(acquire.CommandId, () => Acquire(acquire)),
        { CancelAcquire: { } cancel } => Once(cancel.CommandId, () => Cancel(cancel)),
        { ReleaseLock: { } release } => Once(release.CommandId, () => Release(release)),
        { DescribeLock: { } describe } => [Describe(describe)],
        { BreakLock: { } broken } => Once(broken.CommandId, () => Break(broken)),
        { Campaign: { } campaign } => Once(campaign.CommandId, () => Stand(campaign)),
        { Resign: { } resign } => Once(resign.CommandId, () => Release(AsRelease(resign))),
        { Proclaim: { } proclaim } => Once(proclaim.CommandId, () => Proclaim(proclaim)),
        { ObserveLeader: { } observe } => [Observe(observe)],
        _ => throw new InvalidOperationException("A command of no kind."),
    };

    public SessionRenewal Renew(string sessionId)
    {
        if (!Sessions.Contains(sessionId))
        {
            return new SessionRenewal { SessionId = sessionId, Status = RenewalStatus.Unknown };
        }
        var held = _queues.Values.Where(queue => queue.Count > 0).Select(queue => queue[0]);
        var waits = _queues.Values.SelectMany(queue => queue.Skip(1));
        return new SessionRenewal
        {
            SessionId = sessionId,
            Grants = [.. held.Where(acquire => acquire.SessionId == sessionId).Select(acquire => new HeldLock
            {
                Name = acquire.Name, AcquireId = acquire.CommandId, FencingToken = _tokens[acquire.CommandId],
            })],
            Waits = [.. waits.Where(acquire => acquire.SessionId == sessionId)
                .Select(acquire => acquire.CommandId)],
        };
    }

    public void End(string sessionId)
    {
        Sessions.Remove(sessionId);
        var ids = _queues.Values.SelectMany(queue => queue).Where(acquire => acquire.SessionId == sessionId)
            .Select(acquire => acquire.CommandId).ToList();
        ids.ForEach(Break);
    }

    private List<LockReply> Once(string commandId, Func<IEnumerable<LockReply>> work)
    {
        if (_results.TryGetValue(commandId, out var stored))
        {
            return [stored];
        }
        var replies = work().ToList();
        foreach (var reply in replies)
        {
            _results[IdOf(reply)] = reply;
        }
        return replies;
    }

    private List<LockReply> Open(OpenSession open)
    {
        Sessions.Add(open.SessionId);
        return
        [
            new()
            {
                SessionOpened = new()
                {
                    CommandId = open.CommandId, SessionId = open.SessionId, Groups = Groups,
                },
            },
        ];
    }

    private List<LockReply> Close(CloseSession close)
    {
        End(close.SessionId);
        return [new() { SessionClosed = new() { CommandId = close.CommandId, SessionId = close.SessionId } }];
    }

    private List<LockReply> Acquire(AcquireLock acquire)
    {
        if (acquire.Name.Length == 0)
        {
            return [Refused(acquire.CommandId, LockRefusal.NameInvalid)];
        }
        if (acquire.SessionId != Other && !Sessions.Contains(acquire.SessionId))
        {
            return [Refused(acquire.CommandId, LockRefusal.SessionUnknown)];
        }
        if (_cancelled.Contains(acquire.CommandId))
        {
            return [Refused(acquire.CommandId, LockRefusal.AcquireCancelled)];
        }
        if (!_queues.TryGetValue(acquire.Name, out var queue))
        {
            _queues[acquire.Name] = queue = [];
        }
        if (queue.Count > 0 && acquire.WaitMilliseconds == 0)
        {
            return [Refused(acquire.CommandId, LockRefusal.LockBusy)];
        }
        queue.Add(acquire);
        return [queue.Count == 1 ? Grant(acquire) : new LockReply
        {
            LockQueued = new()
            {
                CommandId = acquire.CommandId, SessionId = acquire.SessionId, Name = acquire.Name,
            },
        }];
    }

    private List<LockReply> Cancel(CancelAcquire cancel)
    {
        _cancelled.Add(cancel.AcquireId);
        var cancelled = new AcquireCancelled { CommandId = cancel.CommandId, AcquireId = cancel.AcquireId };
        return [.. Remove(cancel.AcquireId), new() { AcquireCancelled = cancelled }];
    }

    private List<LockReply> Release(ReleaseLock release)
    {
        if (HolderOf(release.Name) != release.AcquireId || _tokens[release.AcquireId] != release.FencingToken)
        {
            return [Refused(release.CommandId, LockRefusal.NotHeld)];
        }
        var released = new LockReleased { CommandId = release.CommandId, Name = release.Name };
        return [new() { LockReleased = released }, .. Remove(release.AcquireId)];
    }

    private LockReply Describe(DescribeLock describe) => new()
    {
        LockDescription = new LockDescription
        {
            CommandId = describe.CommandId,
            Name = describe.Name,
            Holders = HolderOf(describe.Name) is { } id ? [new LockHolder { AcquireId = id }] : [],
        },
    };

    private List<LockReply> Break(BreakLock broken)
    {
        var holder = HolderOf(broken.Name);
        var token = holder is null ? FencingToken.None : _tokens[holder];
        return
        [
            new()
            {
                LockBroken = new LockBroken
                {
                    CommandId = broken.CommandId,
                    Name = broken.Name,
                    WasHeld = holder is not null,
                    BrokenToken = token,
                    FencingToken = new FencingToken(++_token),
                },
            },
            .. holder is null ? [] : Remove(holder),
        ];
    }

    private List<LockReply> Stand(Campaign campaign)
    {
        _values[campaign.CommandId] = campaign.Value;
        return Acquire(AsAcquire(campaign));
    }

    private List<LockReply> Proclaim(Proclaim proclaim)
    {
        if (!Sessions.Contains(proclaim.SessionId))
        {
            return [Refused(proclaim.CommandId, LockRefusal.SessionUnknown)];
        }
        var id = proclaim.CampaignId;
        if (HolderOf("muster:election:" + proclaim.Election) != id || _tokens[id] != proclaim.FencingToken)
        {
            return [Refused(proclaim.CommandId, LockRefusal.NotHeld)];
        }
        _values[id] = proclaim.Value;
        return
        [
            new()
            {
                ValueProclaimed = new ValueProclaimed
                {
                    CommandId = proclaim.CommandId,
                    Election = proclaim.Election,
                    CampaignId = id,
                    FencingToken = proclaim.FencingToken,
                    Event = new EventId { Epoch = Epoch, Index = new LogIndex(++Index), Number = Index },
                },
            },
        ];
    }

    private LockReply Observe(ObserveLeader observe) => new()
    {
        LeaderObserved = new LeaderObserved
        {
            CommandId = observe.CommandId,
            Election = observe.Election,
            Leader = LeaderOf(observe.Election),
            Freshness = new Freshness { Epoch = Epoch, Index = new LogIndex(++Index) },
        },
    };

    private static AcquireLock AsAcquire(Campaign campaign) => new()
    {
        CommandId = campaign.CommandId,
        SessionId = campaign.SessionId,
        Name = "muster:election:" + campaign.Election,
        WaitMilliseconds = campaign.WaitMilliseconds,
    };

    private static ReleaseLock AsRelease(Resign resign) => new()
    {
        CommandId = resign.CommandId,
        Name = "muster:election:" + resign.Election,
        AcquireId = resign.CampaignId,
        FencingToken = resign.FencingToken,
    };

    private List<LockReply> Remove(string acquireId)
    {
        foreach (var queue in _queues.Values)
        {
            var place = queue.FindIndex(acquire => acquire.CommandId == acquireId);
            if (place < 0)
            {
                continue;
            }
            queue.RemoveAt(place);
            return place == 0 && queue.Count > 0 && queue[0].SessionId != Other ? [Grant(queue[0])] : [];
        }
        return [];
    }

    private LockReply Grant(AcquireLock acquire)
    {
        _tokens[acquire.CommandId] = new FencingToken(++_token);
        return _results[acquire.CommandId] = new LockReply
        {
            LockGranted = new LockGranted
            {
                CommandId = acquire.CommandId,
                SessionId = acquire.SessionId,
                Name = acquire.Name,
                FencingToken = _tokens[acquire.CommandId],
            },
        };
    }

    private bool IsPlaced(string session, string name) =>
        LockGroups.OfSession(session, Groups) == LockGroups.OfLock(name, Groups);

    private LockReply Misplaced(string commandId) => new()
    {
        LockRefused = Refused(commandId, LockRefusal.WrongGroup).LockRefused! with { Groups = Groups },
    };

    public static LockReply Refused(string commandId, LockRefusal reason) => new()
    {
        LockRefused = new LockRefused { CommandId = commandId, Reason = reason, Message = "by the double" },
    };

    private static string IdOf(LockReply reply) =>
        reply.LockGranted?.CommandId ?? reply.LockQueued?.CommandId ?? reply.LockReleased?.CommandId
        ?? reply.LockRefused?.CommandId ?? reply.AcquireCancelled?.CommandId ?? reply.SessionOpened?.CommandId
        ?? reply.LockBroken?.CommandId ?? reply.ValueProclaimed?.CommandId ?? reply.SessionClosed!.CommandId;
}
