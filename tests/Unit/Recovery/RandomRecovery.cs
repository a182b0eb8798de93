using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;
using Muster.Replication.Core;

namespace Muster.Unit.Tests.Recovery;

/// <summary>
/// Entries drawn from a seed beside a running machine: members that join, report, restart and leave, groups
/// that are removed, writes of present and former primaries, verdicts in any order, claims and results of
/// present and former executors, copies of all of them, restorations of former snapshots, and time.
/// </summary>
internal sealed class RandomRecovery(int seed)
{
    private static readonly string[] Groups = ["g1", "g2", "g3"];
    private static readonly string[] Members = ["a", "b", "c", "d"];
    private static readonly int[] Steps = [0, 1, 40, 200, 700, 2_500];

    private readonly Random _random = new(seed);
    private readonly List<RecoveryEntryCommand> _sent = [];
    private readonly List<byte[]> _backups = [];
    private long _logTime = 1_000;
    private long _index;
    private int _commands;

    public RecoveryMachine Machine { get; } = new();

    public AppliedEntry Draw()
    {
        var commands = _index == 0
            ? [Founding()]
            : Enumerable.Range(0, _random.Next(3)).Select(_ => Command()).ToList();
        if (_random.Next(40) == 0)
        {
            _backups.Add(Machine.TakeSnapshot());
        }
        _logTime += Pick(Steps);
        return new()
        {
            Index = new(++_index),
            LogTime = _logTime,
            Origin = "r" + _random.Next(3),
            IssuedAt = Machine.Time,
            Body = commands.Count == 0 ? default : RecoveryEntryCodec.Write(new() { Commands = commands }),
        };
    }

    private static RecoveryEntryCommand Founding() => RecoveryScript.Own(new()
    {
        Genesis = new()
        {
            Group = "recovery",
            Epoch = 1,
            Limits = new()
            {
                MaxKeptEvents = 20,
                MaxOutbox = 200,
                MaxMembersPerGroup = 3,
                MaxMembers = 8,
                MaxNodes = 12,
            },
        },
    });

    private RecoveryEntryCommand Command()
    {
        if (_sent.Count > 0 && _random.Next(6) == 0)
        {
            return _sent[_random.Next(_sent.Count)];
        }
        var command = _random.Next(100) switch
        {
            < 4 => Policy(),
            < 28 => Join(),
            < 30 => new()
            {
                WithdrawStandby = new()
                {
                    CommandId = Id(),
                    Group = Group(),
                    Member = Member(),
                    Membership = Membership(),
                },
            },
            < 31 => new()
            {
                RemoveGroup = new()
                {
                    CommandId = Id(),
                    Group = Group(),
                    IsForced = _random.Next(3) == 0,
                },
            },
            < 34 => new() { PromoteStandby = new() { CommandId = Id(), Group = Group() } },
            < 55 => Write(),
            < 63 => Confirm(),
            < 75 => Verdict(),
            < 85 => Claim(),
            < 94 => Done(),
            < 96 when _backups.Count > 0 => Restoration(),
            < 98 => RecoveryScript.Own(new()
            {
                OutboxClaim = new() { Replica = "r1", ExpectedEpoch = Machine.Outbox.Epoch },
            }),
            _ => RecoveryScript.Own(new()
            {
                OutboxPublished = new()
                {
                    Epoch = Machine.Outbox.Epoch,
                    UpTo = Machine.Outbox.LastNumber,
                },
            }),
        };
        _sent.Add(command);
        return command;
    }

    private RecoveryEntryCommand Policy() => new()
    {
        RegisterPolicy = new()
        {
            CommandId = Id(),
            Group = Group(),
            Lock = _random.Next(3) == 0 ? "" : "lock",
            VerifyMilliseconds = 1_000,
            IsAutomatic = _random.Next(5) > 0,
        },
    };

    private RecoveryEntryCommand Join() => new()
    {
        RegisterStandby = new()
        {
            CommandId = Id(),
            Group = Group(),
            Member = Member(),
            Node = "n" + _random.Next(5),
            Incarnation = "i" + _random.Next(3),
            StateVersion = _random.Next(10),
            SessionId = _random.Next(3) == 0 ? "" : "s" + _random.Next(3),
            Membership = Membership(),
        },
    };

    private RecoveryEntryCommand Write()
    {
        var group = Machine.Describe(Group());
        return new()
        {
            UpdateState = new()
            {
                CommandId = Id(),
                Group = group?.Group ?? "g1",
                Member = _random.Next(5) > 0 && group is { Primary.Length: > 0 } ? group.Primary : Member(),
                GroupEpoch = (group?.GroupEpoch ?? 0) - (_random.Next(5) == 0 ? 1 : 0),
                ExpectedVersion = (group?.StateVersion ?? 0) - (_random.Next(5) == 0 ? 1 : 0),
                State = new byte[_random.Next(20)],
            },
        };
    }

    private RecoveryEntryCommand Confirm()
    {
        var group = Machine.Describe(Group());
        return new()
        {
            ConfirmPromotion = new()
            {
                CommandId = Id(),
                Group = group?.Group ?? "g1",
                Member = group is { Primary.Length: > 0 } ? group.Primary : Member(),
                GroupEpoch = group?.GroupEpoch ?? 1,
            },
        };
    }

    private RecoveryEntryCommand Verdict()
    {
        var (node, incarnation) = ("n" + _random.Next(20), "i" + _random.Next(3));
        var id = new EventId { Epoch = 1, Number = 1 + _random.Next(400) };
        return _random.Next(5) switch
        {
            < 2 => new() { NodeFailed = new() { Node = node, Incarnation = incarnation, Event = id } },
            < 4 => new() { NodeRestored = new() { Node = node, Incarnation = incarnation, Event = id } },
            _ => new() { NodeLeft = new() { Node = node, Incarnation = incarnation, Event = id } },
        };
    }

    private RecoveryEntryCommand Claim()
    {
        var fence = Fence();
        return new()
        {
            ClaimRecovery = new()
            {
                RecoveryId = fence?.RecoveryId ?? "none",
                Replica = "r" + _random.Next(3),
                ExpectedClaimEpoch = (fence?.ClaimEpoch ?? 0) - (_random.Next(5) == 0 ? 1 : 0),
            },
        };
    }

    private RecoveryEntryCommand Done()
    {
        var fence = Fence();
        return new()
        {
            StepDone = new()
            {
                RecoveryId = fence?.RecoveryId ?? "none",
                ClaimEpoch = (fence?.ClaimEpoch ?? 0) - (_random.Next(5) == 0 ? 1 : 0),
                Step = RecoveryStep.Fence,
                FencingToken = new(_random.Next(1_000)),
            },
        };
    }

    private RecoveryEntryCommand Restoration()
    {
        var state = _backups[_random.Next(_backups.Count)];
        return RecoveryScript.Own(new()
        {
            StateRestoration = new()
            {
                CommandId = "restore" + _random.Next(30),
                Kind = "recovery",
                State = state,
                Checksum = StateRestoration.ChecksumOf(state),
            },
        });
    }

    private OpenFence? Fence() => Machine.OpenFences is { Count: > 0 } open ? Pick(open) : null;

    private string Group() => Pick(Groups);

    private string Member() => Pick(Members);

    private string Membership() => _random.Next(3) == 0 ? "" : "m" + _random.Next(4);

    private string Id() => "c" + ++_commands;

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];
}
