using System.Globalization;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;
using Shouldly;

namespace Muster.Unit.Tests.Lock;

/// <summary>
/// Runs a script against a lock machine. A line is one entry: commands separated by ';'. Indented lines below
/// it are the effects it must have, exactly and in order. Commands: <c>open S, close S, acquire S name id,
/// cancel S id, release S name id token, upgrade S name id token upgradeId, break name, campaign S election
/// id, resign S election id token, proclaim S election id token value, limit namespace
/// locks/acquires/waiting, beat S.., crash node/incarnation number, claim replica epoch, published epoch
/// upTo, tick</c> (<c>-</c> is the empty namespace), and options <c>wait= seq= below= ttl= id= to= value=
/// token= session= delay= flow= mode= node= reason=</c>: a mode is <c>shared</c>, <c>upgradeable</c>, or
/// permits, <c>2/5</c>; several names are written <c>a,b</c>; a node is <c>n/incarnation</c>. Options of the
/// entry:
/// <c>+N</c> moves log time on before it, <c>via=R</c> names the proposer, <c>issued=T</c> its time. A
/// command's id is its acquire's, or given by <c>id=</c>, or verb and session, as in <c>open-A</c>.
/// </summary>
internal sealed class LockScript
{
    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);
    private long _index;
    private long _logTime = 1_000;

    public LockScript(LockLimits? limits = null, long floor = 0, long window = 600_000, long epoch = 1)
    {
        Apply(new LockEntryCommand
        {
            Genesis = new()
            {
                ClusterId = "test",
                Group = "lock",
                TokenFloor = floor,
                Epoch = epoch,
                CommandWindowMilliseconds = window,
                Limits = limits ?? LockLimits.Default,
            },
        });
    }

    public LockMachine Machine { get; } = new();

    public static LockScript Check(string script, LockLimits? limits = null, long window = 600_000)
    {
        var run = new LockScript(limits, window: window);
        run.Run(script);
        return run;
    }

    public void Run(string script)
    {
        var expected = script.ReplaceLineEndings("\n").TrimEnd().Split('\n')
            .Where(line => line.Trim().Length > 0).ToList();
        var actual = new List<string>();
        foreach (var line in expected.Where(line => !line.StartsWith(' ')))
        {
            actual.Add(line);
            actual.AddRange(Apply(line).Where(effect => effect is not LockEffect.Noted)
                .Select(effect => "  " + EffectText.Of(effect)));
        }
        string.Join('\n', actual).ShouldBe(string.Join('\n', expected));
    }

    public IReadOnlyList<LockEffect> Apply(string line)
    {
        _options.Clear();
        var commands = new List<LockEntryCommand>();
        foreach (var part in line.Split(';'))
        {
            var words = part.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            foreach (var option in words.Where(IsOption))
            {
                var cut = option.IndexOf('=', StringComparison.Ordinal);
                _options[cut < 0 ? "+" : option[..cut]] = option[(cut < 0 ? 1 : cut + 1)..];
            }
            var plain = words.Where(word => !IsOption(word));
            commands.AddRange(Parse([.. plain]));
            foreach (var mine in new[]
                {
                    "id", "seq", "below", "wait", "ttl", "to", "value", "token", "session", "delay", "flow",
                    "mode", "node", "reason",
                })
            {
                _options.Remove(mine);
            }
        }
        var effects = Apply([.. commands]);
        _options.Clear();
        return effects;
    }

    public IReadOnlyList<LockEffect> Apply(params LockEntryCommand[] commands)
    {
        _logTime += Number("+", 0);
        return Machine.Apply(new AppliedEntry
        {
            Index = new LogIndex(++_index),
            LogTime = _logTime,
            Origin = _options.GetValueOrDefault("via", "r1"),
            IssuedAt = Number("issued", Machine.Time),
            Body = commands.Length == 0 ? default : LockEntryCodec.Write(new() { Commands = commands }),
        });
    }

    private IEnumerable<LockEntryCommand> Parse(string[] words) => words[0] switch
    {
        "tick" => [],
        "open" => [new() { OpenSession = Open(words[1]) }],
        "close" => [new() { CloseSession = Close(words) }],
        "acquire" => [new() { AcquireLock = Acquire(words) }],
        "cancel" => [new() { CancelAcquire = Cancel(words) }],
        "upgrade" => [new() { UpgradeLock = Upgrade(words) }],
        "break" => [new() { BreakLock = Break(words) }],
        "limit" => [new() { SetNamespaceLimits = Limit(words) }],
        "campaign" => [new() { Campaign = Campaign(words) }],
        "resign" => [new() { Resign = Resign(words) }],
        "proclaim" => [new() { Proclaim = Proclaim(words) }],
        "release" => [new() { ReleaseLock = Release(words) }],
        "beat" => [new() { Heartbeat = new() { Node = "n", Number = _index, Sessions = words[1..] } }],
        "crash" => [new() { NodeCrash = Crash(words) }],
        "claim" => [new() { OutboxClaim = new() { Replica = words[1], ExpectedEpoch = Parsed(words[2]) } }],
        "published" =>
            [new() { OutboxPublished = new() { Epoch = Parsed(words[1]), UpTo = Parsed(words[2]) } }],
        _ => throw new FormatException($"No such command: {words[0]}"),
    };

    private OpenSession Open(string session) => new()
    {
        Node = _options.GetValueOrDefault("node", "/").Split('/')[0],
        Incarnation = _options.GetValueOrDefault("node", "/").Split('/')[1],
        CommandId = _options.GetValueOrDefault("id", "open-" + session),
        SessionId = session,
        TtlMilliseconds = Number("ttl", 15_000),
        Owner = "owner of " + session,
        LockDelayMilliseconds = Number("delay", 0),
        ReplyTo = To(session),
    };

    private static NodeCrash Crash(string[] words) => new()
    {
        Node = words[1].Split('/')[0],
        Incarnation = words[1].Split('/')[1],
        Epoch = 7,
        Number = Parsed(words[2]),
    };

    private CloseSession Close(string[] words) =>
        new() { CommandId = Id(words), SessionId = words[1], ReplyTo = To(words[1]) };

    private AcquireLock Acquire(string[] words)
    {
        var names = words[2].Split(',');
        var mode = _options.GetValueOrDefault("mode", "exclusive").Split('/');
        return new()
        {
            SessionId = words[1],
            Name = names.Length == 1 ? names[0] : "",
            Names = names.Length == 1 ? null : names,
            Mode = mode.Length == 2 ? LockMode.Permits : Enum.Parse<LockMode>(mode[0], ignoreCase: true),
            Permits = mode.Length == 2 ? (int)Parsed(mode[0]) : 1,
            MaxPermits = mode.Length == 2 ? (int)Parsed(mode[1]) : 0,
            Flow = _options.GetValueOrDefault("flow", ""),
            CommandId = words[3],
            WaitMilliseconds = Number("wait", 0),
            Sequence = Sequence,
            AnsweredBelow = Number("below", 0),
            ReplyTo = To(words[1]),
        };
    }

    private UpgradeLock Upgrade(string[] words) => new()
    {
        SessionId = words[1],
        Name = words[2],
        AcquireId = words[3],
        FencingToken = new(Parsed(words[4])),
        CommandId = words[5],
        WaitMilliseconds = Number("wait", 0),
        Sequence = Sequence,
        AnsweredBelow = Number("below", 0),
        ReplyTo = To(words[1]),
    };

    private CancelAcquire Cancel(string[] words) => new()
    {
        CommandId = Id(words),
        SessionId = words[1],
        AcquireId = words[2],
        Sequence = Sequence,
        AnsweredBelow = Number("below", 0),
        ReplyTo = To(words[1]),
    };

    private ReleaseLock Release(string[] words) => new()
    {
        CommandId = Id(words),
        SessionId = words[1],
        Name = words[2] == "-" ? "" : words[2],
        AcquireId = words[3],
        FencingToken = new(Parsed(words[4])),
        Sequence = Sequence,
        AnsweredBelow = Number("below", 0),
        ReplyTo = To(words[1]),
    };

    private BreakLock Break(string[] words) => new()
    {
        CommandId = Id(words),
        Name = words[1],
        Reason = _options.GetValueOrDefault("reason", ""),
        ExpectedToken = new(Number("token", 0)),
        ExpectedSession = _options.GetValueOrDefault("session", ""),
        ReplyTo = To("operator"),
    };

    private SetNamespaceLimits Limit(string[] words)
    {
        var limits = words[2].Split('/');
        return new()
        {
            CommandId = Id(words),
            Namespace = words[1] == "-" ? "" : words[1],
            Limits = new()
            {
                MaxLocks = Parsed(limits[0]),
                MaxAcquires = Parsed(limits[1]),
                MaxWaiting = Parsed(limits[2]),
            },
            ReplyTo = To("operator"),
        };
    }

    private Campaign Campaign(string[] words) => new()
    {
        SessionId = words[1],
        Election = words[2],
        CommandId = words[3],
        Value = _options.GetValueOrDefault("value", ""),
        WaitMilliseconds = Number("wait", 0),
        Sequence = Sequence,
        AnsweredBelow = Number("below", 0),
        ReplyTo = To(words[1]),
    };

    private Resign Resign(string[] words) => new()
    {
        CommandId = Id(words),
        SessionId = words[1],
        Election = words[2],
        CampaignId = words[3],
        FencingToken = new(Parsed(words[4])),
        Sequence = Sequence,
        AnsweredBelow = Number("below", 0),
        ReplyTo = To(words[1]),
    };

    private Proclaim Proclaim(string[] words) => new()
    {
        CommandId = Id(words),
        SessionId = words[1],
        Election = words[2],
        CampaignId = words[3],
        FencingToken = new(Parsed(words[4])),
        Value = words[5],
        Sequence = Sequence,
        AnsweredBelow = Number("below", 0),
        ReplyTo = To(words[1]),
    };

    private static bool IsOption(string word) =>
        word[0] == '+' || word.Contains('=', StringComparison.Ordinal);

    private long? Sequence => _options.ContainsKey("seq") ? Number("seq", 0) : null;

    private string Id(string[] words) => _options.GetValueOrDefault("id", $"{words[0]}-{words[1]}");

    private ReplyAddress To(string session) => new() { Address = _options.GetValueOrDefault("to", session) };

    private long Number(string option, long otherwise) =>
        _options.TryGetValue(option, out var text) ? Parsed(text) : otherwise;

    private static long Parsed(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
