using Muster.Contracts;
using Muster.Registry.Machine;
using Muster.Replication.Core;

namespace Muster.Unit.Tests.Registry;

/// <summary>
/// A history drawn from a seed: instances that come, change, drain, are taken over, expire and go, keys
/// written with right and wrong versions, copies of earlier commands, heartbeats, time jumps, claims and
/// reports of the outbox, restorations of earlier states. Drawn beside a running machine, so that versions
/// are often right.
/// </summary>
internal sealed class RegistryHistory
{
    public static readonly string[] Services = ["api", "db", "web", "zoo"];

    public const long Window = 20_000;

    private static readonly int[] Steps = [0, 1, 40, 200, 700, 2_500, 9_000];

    private readonly Random _random;
    private readonly RegistryMachine _machine = new();
    private readonly List<AppliedEntry> _entries = [];
    private readonly List<RegistryEntryCommand> _sent = [];
    private readonly List<byte[]> _backups = [];
    private readonly bool _withRestorations;
    private long _logTime = 500;
    private int _commands;

    private RegistryHistory(int seed, bool withRestorations)
    {
        _random = new Random(seed);
        _withRestorations = withRestorations;
    }

    public static IReadOnlyList<AppliedEntry> Draw(int seed, int length, bool withRestorations = true)
    {
        var history = new RegistryHistory(seed, withRestorations);
        history.Add([new() { Genesis = Founding() }]);
        while (history._entries.Count < length)
        {
            history.Add([.. Enumerable.Range(0, history._random.Next(4)).Select(_ => history.Draw())]);
        }
        return history._entries;
    }

    private static Genesis Founding() => new()
    {
        ClusterId = "c",
        Group = "registry",
        Epoch = 5,
        CommandWindowMilliseconds = Window,
        Limits = new()
        {
            MaxServices = 3,
            MaxInstancesPerService = 3,
            MaxEmptyServices = 1,
            MaxConfigKeys = 3,
            MaxOutbox = 40,
            MaxKeptEvents = 7,
            MaxKeptEventBytes = 2_000,
            MaxConfigBytes = 500,
        },
    };

    private void Add(IReadOnlyList<RegistryEntryCommand> commands)
    {
        _logTime += Steps[_random.Next(Steps.Length)];
        var entry = new AppliedEntry
        {
            Index = new LogIndex(_entries.Count + 1),
            LogTime = _logTime,
            Origin = "r" + _random.Next(3),
            IssuedAt = Math.Max(0, _machine.Time - (_random.Next(10) == 0 ? 25_000 : 0)),
            Body = commands.Count == 0 ? default : RegistryEntryCodec.Write(new() { Commands = commands }),
        };
        _machine.Apply(entry);
        if (_random.Next(10) == 0)
        {
            _backups.Add(_machine.TakeSnapshot());
        }
        _entries.Add(entry);
    }

    private RegistryEntryCommand Draw()
    {
        if (_sent.Count > 0 && _random.Next(6) == 0)
        {
            return _sent[_random.Next(_sent.Count)];
        }
        var command = _random.Next(20) switch
        {
            < 6 => Register(),
            < 8 => Deregister(),
            < 9 => Drain(),
            < 12 => Put(),
            < 14 => Delete(),
            < 17 => new() { Heartbeat = new() { Node = "n", Leases = [Lease(), Lease()] } },
            < 18 => Outbox(),
            < 19 => Restore() ?? Register(),
            _ => Register(),
        };
        _sent.Add(command);
        return command;
    }

    private RegistryEntryCommand Register() => new()
    {
        RegisterInstance = new()
        {
            CommandId = NextId(),
            Service = Pick(Services),
            InstanceId = "i" + _random.Next(4),
            LeaseId = Lease(),
            Host = "h" + _random.Next(2),
            Tags = [.. Enumerable.Range(0, _random.Next(3)).Select(_ => "t" + _random.Next(3))],
            Metadata = Enumerable.Range(0, _random.Next(3)).Select(_ => _random.Next(9)).Distinct()
                .ToDictionary(number => "m" + number, _ => "v" + _random.Next(2)),
            TtlMilliseconds = 1_000 + _random.Next(6_000),
            OnlyIfAbsent = _random.Next(3) == 0,
        },
    };

    private RegistryEntryCommand Deregister() => new()
    {
        DeregisterInstance = new()
        {
            CommandId = NextId(),
            Service = Pick(Services),
            InstanceId = "i" + _random.Next(4),
            LeaseId = _random.Next(2) == 0 ? "" : Lease(),
        },
    };

    private RegistryEntryCommand Drain() => new()
    {
        DrainInstance = new()
        {
            CommandId = NextId(),
            Service = Pick(Services),
            InstanceId = "i" + _random.Next(4),
            IsDraining = _random.Next(2) == 0,
        },
    };

    private RegistryEntryCommand Put()
    {
        var key = "k" + _random.Next(4);
        return new()
        {
            PutConfig = new()
            {
                CommandId = NextId(),
                Key = key,
                Value = new string('v', _random.Next(200)),
                ExpectedVersion = Expected(key),
            },
        };
    }

    private RegistryEntryCommand Delete()
    {
        var key = "k" + _random.Next(4);
        return new()
        {
            DeleteConfig = new() { CommandId = NextId(), Key = key, ExpectedVersion = Expected(key) },
        };
    }

    private RegistryEntryCommand Outbox() => _random.Next(3) == 0
        ? new()
        {
            OutboxClaim = new() { Replica = "r1", ExpectedEpoch = _machine.Outbox.Epoch - _random.Next(2) },
        }
        : new()
        {
            OutboxPublished = new()
            {
                Epoch = _machine.Outbox.Epoch,
                UpTo = _machine.Outbox.LastNumber - _random.Next(3),
            },
        };

    private RegistryEntryCommand? Restore()
    {
        if (!_withRestorations || _backups.Count == 0)
        {
            return null;
        }
        var state = Pick(_backups);
        return new()
        {
            StateRestoration = new()
            {
                CommandId = NextId(),
                Kind = RegistryMachine.MachineKind,
                State = state,
                Checksum = StateRestoration.ChecksumOf(state),
                Epoch = _random.Next(20),
            },
        };
    }

    private long? Expected(string key) => _random.Next(4) switch
    {
        0 => null,
        1 => _random.Next(5),
        _ => _machine.Get(new() { Key = key }).ConfigRead?.Entry?.Version ?? 0,
    };

    private string Lease() => "l" + _random.Next(6);

    private string NextId() => "c" + ++_commands;

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];
}
