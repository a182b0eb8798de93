using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;

namespace Muster.Unit.Tests.Lock;

/// <summary>
/// A history drawn from a seed: sessions that open, close and expire, acquires with and without waits and
/// numbers, in all modes, of several names at once, upgrades, candidates of an election, its leaders'
/// values, cancels before and after, right and wrong releases, breaks, crashes, limits of namespaces, copies
/// of earlier commands, ticks and time jumps, several commands an entry. It is drawn beside a running
/// machine, so that releases name tokens that are held.
/// </summary>
internal sealed class RandomHistory
{
    public const string Election = "boss";
    public const string ElectionLock = "muster:election:" + Election;

    /// <summary>Nearly always a semaphore of three.</summary>
    private const string Semaphore = "gamma";

    /// <summary>Of another namespace than the others.</summary>
    private const string Alpha = "n/alpha";

    private static readonly string[] Names = [Alpha, "beta", Semaphore, ElectionLock];
    private static readonly string[] Namespaces = ["n", "", "muster:election:"];
    private static readonly int[] Steps = [0, 1, 40, 40, 90, 200, 200, 700, 9_000];

    private readonly Random _random;
    private readonly LockMachine _machine = new();
    private readonly List<LockEntryCommand> _sent = [];
    private readonly List<(string Session, long Sequence)> _sessions = [];
    private readonly List<(string Session, string Acquire)> _acquires = [];
    private readonly List<(string Session, string Acquire)> _cancelledEarly = [];
    private readonly bool _withCopies;
    private long _logTime = 500;
    private int _commands;
    private int _opened;

    public RandomHistory(int seed, int length, long window = 600_000, bool withCopies = true)
    {
        _random = new Random(seed);
        _withCopies = withCopies;
        var limits = new LockLimits
        {
            MaxKeptEvents = 10,
            MaxOutbox = 40,
            MaxWaitersPerLock = 4,
            MaxTombstonesPerSession = 3,
        };
        Add([new() { Genesis = new() { Group = "g", CommandWindowMilliseconds = window, Limits = limits } }]);
        while (Entries.Count < length)
        {
            Add([.. Enumerable.Range(0, _random.Next(4)).Select(_ => Draw())]);
        }
    }

    public List<(AppliedEntry Entry, IReadOnlyList<LockEntryCommand> Commands)> Entries { get; } = [];

    public static IReadOnlyList<string> LockNames => Names;

    /// <summary>What a candidate of that campaign publishes.</summary>
    public static string ValueOf(string campaignId) => "value of " + campaignId;

    /// <summary>What the leader of that campaign publishes with that command.</summary>
    public static string ValueOf(string campaignId, string proclaimId) =>
        $"{ValueOf(campaignId)} by {proclaimId}";

    /// <summary>
    /// Acquires, upgrades and campaigns that named no address: their waits may end without a word.
    /// </summary>
    public IEnumerable<string> WithoutAddress => Entries.SelectMany(item => item.Commands)
        .Select(command => command switch
        {
            { AcquireLock: { ReplyTo: null } acquire } => acquire.CommandId,
            { Campaign: { ReplyTo: null } campaign } => campaign.CommandId,
            { UpgradeLock: { ReplyTo: null } upgrade } => upgrade.CommandId,
            _ => null,
        })
        .OfType<string>();

    private void Add(IReadOnlyList<LockEntryCommand> commands)
    {
        _logTime += Steps[_random.Next(Steps.Length)];
        var entry = new AppliedEntry
        {
            Index = new LogIndex(Entries.Count + 1),
            LogTime = _logTime,
            Origin = "r" + _random.Next(3),
            IssuedAt = Math.Max(0, _machine.Time - (_random.Next(10) == 0 ? 4_000 : 0)),
            Body = commands.Count == 0 ? default : LockEntryCodec.Write(new() { Commands = commands }),
        };
        foreach (var effect in _machine.Apply(entry))
        {
            Follow(effect);
        }
        Entries.Add((entry, commands));
    }

    private void Follow(LockEffect effect)
    {
        var ended = effect switch
        {
            LockEffect.Answer { Reply.SessionClosed: { } closed } => closed.SessionId,
            LockEffect.Delivery { Item.Event.SessionExpired: { } expired } => expired.SessionId,
            _ => null,
        };
        // Commands to sessions that ended stay in the mix, but not as most of it.
        if (ended is not null && _random.Next(8) != 0)
        {
            _sessions.RemoveAll(item => item.Session == ended);
        }
    }

    private LockEntryCommand Draw()
    {
        if (_withCopies && _sent.Count > 0 && _random.Next(6) == 0)
        {
            return _sent[_random.Next(_sent.Count)];
        }
        var command = _sessions.Count == 0 ? Open() : _random.Next(27) switch
        {
            < 1 => Open(),
            < 2 => new() { CloseSession = new() { CommandId = NextId(), SessionId = Pick(Newest).Session } },
            < 8 => Acquire(),
            < 10 => Upgrade(),
            < 13 => Release(),
            < 15 => Cancel(),
            < 18 => new() { Heartbeat = new() { Sessions = [.. Newest.Select(item => item.Session)] } },
            < 20 => Break(),
            < 21 => Crash(),
            < 22 => new()
            {
                OutboxClaim = new() { Replica = "r1", ExpectedEpoch = Recent(_machine.Outbox.Epoch) },
            },
            < 23 => Limit(),
            < 25 => Proclaim(),
            _ => new()
            {
                OutboxPublished = new()
                {
                    Epoch = _machine.Outbox.Epoch,
                    UpTo = Recent(_machine.Outbox.LastNumber),
                },
            },
        };
        _sent.Add(command);
        return command;
    }

    private List<(string Session, long Sequence)> Newest => _sessions[Math.Max(0, _sessions.Count - 4)..];

    private LockEntryCommand Open()
    {
        var session = "s" + ++_opened;
        _sessions.Add((session, 0));
        return new()
        {
            OpenSession = new()
            {
                CommandId = NextId(),
                SessionId = session,
                TtlMilliseconds = 1_000 + _random.Next(6_000),
                Owner = "o",
                LockDelayMilliseconds = _random.Next(4) == 0 ? 300 : 0,
                Node = _opened % 3 == 0 ? "" : "n",
                Incarnation = _opened % 3 == 0 ? "" : "i" + (_opened / 4),
            },
        };
    }

    private LockEntryCommand Acquire()
    {
        var (session, sequence, below) = Number();
        var cancelledAlready = _cancelledEarly.FindIndex(early => early.Session == session);
        var id = cancelledAlready < 0 ? NextId() : _cancelledEarly[cancelledAlready].Acquire;
        _cancelledEarly.RemoveAll(early => early.Acquire == id);
        _acquires.Add((session, id));
        var name = Pick(Names);
        var wait = _random.Next(4) * 700;
        var to = _random.Next(5) == 0 ? null : ReplyAddress.Inbox(session, "q" + _commands);
        return name == ElectionLock
            ? new()
            {
                Campaign = new()
                {
                    CommandId = id,
                    SessionId = session,
                    Sequence = sequence,
                    AnsweredBelow = below,
                    Election = Election,
                    Value = ValueOf(id),
                    WaitMilliseconds = wait,
                    ReplyTo = to,
                },
            }
            : new()
            {
                AcquireLock = Claim(name) with
                {
                    CommandId = id,
                    SessionId = session,
                    Sequence = sequence,
                    AnsweredBelow = below,
                    WaitMilliseconds = wait,
                    ReplyTo = to,
                },
            };
    }

    private AcquireLock Claim(string name)
    {
        if (_random.Next(20) == 0)
        {
            return new() { Name = name }; // a lock, also where others use a semaphore
        }
        if (name == Semaphore)
        {
            return new()
            {
                Name = name,
                Mode = LockMode.Permits,
                Permits = _random.Next(1, 4),
                MaxPermits = 3,
            };
        }
        return _random.Next(10) switch
        {
            < 3 => new() { Name = name },
            < 6 => new() { Name = name, Mode = LockMode.Shared },
            < 8 => new() { Name = name, Mode = LockMode.Upgradeable },
            < 9 => new() { Names = ["beta", Alpha] },
            _ => new() { Names = [Alpha, "beta"], Mode = LockMode.Shared },
        };
    }

    private LockEntryCommand Upgrade()
    {
        var upgradeable = Names[..2].FirstOrDefault(one => HolderOf(one, LockMode.Upgradeable) is not null);
        var name = upgradeable ?? Pick(Names[..2]);
        var holder = HolderOf(name, LockMode.Upgradeable) ?? HolderOf(name);
        var to = _random.Next(5) == 0 ? null : ReplyAddress.Inbox(holder.SessionId, "q" + _commands);
        var id = NextId();
        _acquires.Add((holder.SessionId, id));
        return new()
        {
            UpgradeLock = new()
            {
                CommandId = id,
                SessionId = holder.SessionId,
                Name = name,
                AcquireId = holder.AcquireId,
                FencingToken = holder.FencingToken,
                WaitMilliseconds = _random.Next(4) * 700,
                ReplyTo = to,
            },
        };
    }

    private LockEntryCommand Release()
    {
        var name = Pick(Names);
        var holder = HolderOf(name);
        var token = new FencingToken(holder.FencingToken.Value - (_random.Next(6) == 0 ? 1 : 0));
        return name == ElectionLock
            ? new()
            {
                Resign = new()
                {
                    CommandId = NextId(),
                    SessionId = holder.SessionId,
                    Election = Election,
                    CampaignId = holder.AcquireId,
                    FencingToken = token,
                },
            }
            : new()
            {
                ReleaseLock = new()
                {
                    CommandId = NextId(),
                    SessionId = holder.SessionId,
                    Name = name,
                    AcquireId = holder.AcquireId,
                    FencingToken = token,
                },
            };
    }

    private LockEntryCommand Proclaim()
    {
        var leader = HolderOf(ElectionLock);
        var id = NextId();
        return new()
        {
            Proclaim = new()
            {
                CommandId = id,
                SessionId = leader.SessionId,
                Election = Election,
                CampaignId = leader.AcquireId,
                FencingToken = new(leader.FencingToken.Value - (_random.Next(6) == 0 ? 1 : 0)),
                Value = ValueOf(leader.AcquireId, id),
            },
        };
    }

    private LockEntryCommand Break()
    {
        var name = Pick(Names);
        var holder = HolderOf(name);
        var kind = _random.Next(6);
        return new()
        {
            BreakLock = new()
            {
                CommandId = NextId(),
                Name = name,
                ExpectedToken = kind is 0 or 1 ? new(holder.FencingToken.Value + kind) : FencingToken.None,
                ExpectedSession = kind is 2 ? holder.SessionId : kind is 3 ? "another" : "",
            },
        };
    }

    private LockEntryCommand Crash() => new()
    {
        NodeCrash = new()
        {
            Node = "n",
            Incarnation = "i" + ((_opened / 4) - _random.Next(2)),
            Number = ++_commands,
        },
    };

    private LockEntryCommand Limit() => new()
    {
        SetNamespaceLimits = new()
        {
            CommandId = NextId(),
            Namespace = Pick(Namespaces),
            Limits = new() { MaxLocks = MostlyNone(), MaxAcquires = MostlyNone(), MaxWaiting = MostlyNone() },
        },
    };

    private int MostlyNone() => _random.Next(3) == 0 ? _random.Next(1, 4) : 0;

    private LockHolder? HolderOf(string name, LockMode mode) =>
        _machine.Describe(new() { Name = name }).LockDescription!.Holders
            .FirstOrDefault(holder => holder.Mode == mode);

    private LockHolder HolderOf(string name) =>
        _machine.Describe(new() { Name = name }).LockDescription!.Holders is { Count: > 0 } holders
            ? Pick(holders)
            : new() { SessionId = Pick(_sessions).Session, AcquireId = "none" };

    private LockEntryCommand Cancel()
    {
        var (session, sequence, below) = Number();
        var known = _acquires.Where(acquire => acquire.Session == session).ToList();
        var isEarly = known.Count == 0 || _random.Next(5) == 0;
        var acquire = isEarly ? NextId() : Pick(known).Acquire;
        if (isEarly)
        {
            _cancelledEarly.Add((session, acquire));
        }
        return new()
        {
            CancelAcquire = new()
            {
                CommandId = NextId(),
                SessionId = session,
                Sequence = sequence,
                AnsweredBelow = below,
                AcquireId = acquire,
            },
        };
    }

    private (string Session, long? Sequence, long AnsweredBelow) Number()
    {
        var at = _random.Next(Math.Max(0, _sessions.Count - 4), _sessions.Count);
        if (_random.Next(2) == 0)
        {
            return (_sessions[at].Session, null, 0);
        }
        var sequence = _sessions[at].Sequence + 1;
        _sessions[at] = (_sessions[at].Session, sequence);
        return (_sessions[at].Session, sequence, Math.Max(0, sequence - _random.Next(5)));
    }

    private long Recent(long newest) => newest - _random.Next(3);

    private string NextId() => "c" + ++_commands;

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];
}
