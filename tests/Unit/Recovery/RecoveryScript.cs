using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;
using Muster.Replication.Core;
using Shouldly;

namespace Muster.Unit.Tests.Recovery;

/// <summary>A machine that is fed one command an entry; answers and events come back as contracts.</summary>
internal sealed class RecoveryScript
{
    public const string Group = "orders";
    public const string Lock = "orders-primary";

    private readonly List<RecoveryEvent> _events = [];
    private int _commands;
    private long _verdicts;

    public RecoveryScript(RecoveryLimits? limits = null, long epoch = 7, bool isFounded = true)
    {
        if (isFounded)
        {
            Apply(Own(new()
            {
                Genesis = new()
                {
                    Group = "recovery",
                    ClusterId = "test",
                    Epoch = epoch,
                    Limits = limits ?? RecoveryLimits.Default,
                },
            }));
        }
    }

    public RecoveryMachine Machine { get; } = new();

    public long LogTime { get; set; } = 1_000;

    public long Index { get; private set; }

    /// <summary>All events so far.</summary>
    public IReadOnlyList<RecoveryEvent> Events => _events;

    public IEnumerable<StandbyPromoted> Promotions =>
        _events.Select(one => one.StandbyPromoted).OfType<StandbyPromoted>();

    public StandbyGroup State => Machine.Describe(Group).ShouldNotBeNull();

    public OpenFence Fence => Machine.OpenFences.ShouldHaveSingleItem();

    public static RecoveryEntryCommand Own(GroupCommand command) => new() { Group = command };

    public IReadOnlyList<RecoveryEffect> Apply(params RecoveryEntryCommand[] commands) =>
        Apply(0, commands);

    public IReadOnlyList<RecoveryEffect> Apply(long after, params RecoveryEntryCommand[] commands) =>
        ApplyIssued(Machine.Time, after, commands);

    /// <summary>An entry proposed at a machine time of its own, perhaps by a copy that comes late.</summary>
    public IReadOnlyList<RecoveryEffect> ApplyIssued(
        long issuedAt, long after, params RecoveryEntryCommand[] commands)
    {
        LogTime += after;
        var effects = Machine.Apply(new AppliedEntry
        {
            Index = new LogIndex(++Index),
            LogTime = LogTime,
            Origin = "r1",
            IssuedAt = issuedAt,
            Body = commands.Length == 0
                ? default
                : RecoveryEntryCodec.Write(new() { Commands = commands }),
        });
        _events.AddRange(effects.OfType<RecoveryEffect.Delivery>().Select(item => item.Item.Event!));
        return effects;
    }

    public RecoveryReply Ask(RecoveryEntryCommand command) =>
        Apply(command).OfType<RecoveryEffect.Answer>().ShouldHaveSingleItem().Reply;

    public RecoveryReply Policy(
        string lockName = Lock, long verify = 1_500, bool isAutomatic = true, string? id = null) => Ask(new()
        {
            RegisterPolicy = new()
            {
                CommandId = id ?? NextId(),
                Group = Group,
                Lock = lockName,
                VerifyMilliseconds = verify,
                IsAutomatic = isAutomatic,
            },
        });

    public RecoveryReply Join(
        string member, long version = 0, string incarnation = "i1", string? id = null, string group = Group,
        string? session = null, string membership = "") => Ask(new()
        {
            RegisterStandby = new()
            {
                CommandId = id ?? NextId(),
                Group = group,
                Member = member,
                Node = "node-" + member,
                Incarnation = incarnation,
                StateVersion = version,
                SessionId = session ?? $"session-{member}-{incarnation}",
                Membership = membership,
            },
        });

    /// <summary>The first member joins and confirms that it leads.</summary>
    public void Lead(string member, string incarnation = "i1")
    {
        Join(member, incarnation: incarnation);
        Confirm(member, State.GroupEpoch).RecoveryAccepted.ShouldNotBeNull();
        Machine.PlanCount.ShouldBe(0);
    }

    public RecoveryReply Withdraw(string member, string membership = "") => Ask(new()
    {
        WithdrawStandby = new()
        {
            CommandId = NextId(),
            Group = Group,
            Member = member,
            Membership = membership,
        },
    });

    public RecoveryReply Remove(bool isForced = false, string? id = null) => Ask(new()
    {
        RemoveGroup = new() { CommandId = id ?? NextId(), Group = Group, IsForced = isForced },
    });

    public RecoveryReply Promote(string member = "", long epoch = 0, string? id = null) => Ask(new()
    {
        PromoteStandby = new()
        {
            CommandId = id ?? NextId(),
            Group = Group,
            Member = member,
            ExpectedEpoch = epoch,
        },
    });

    public RecoveryReply Confirm(string member, long epoch) => Ask(new()
    {
        ConfirmPromotion = new()
        {
            CommandId = NextId(),
            Group = Group,
            Member = member,
            GroupEpoch = epoch,
        },
    });

    public RecoveryReply Write(
        string member, long epoch, long expected, byte[]? state = null, string? id = null,
        string group = Group) => Ask(new()
        {
            UpdateState = new()
            {
                CommandId = id ?? NextId(),
                Group = group,
                Member = member,
                GroupEpoch = epoch,
                ExpectedVersion = expected,
                State = state ?? [(byte)(expected + 1)],
            },
        });

    public NodeFailed Failed(string member, string incarnation = "i1", long? number = null) => new()
    {
        Node = "node-" + member,
        Incarnation = incarnation,
        Event = Verdict(number),
    };

    public NodeRestored Restored(string member, string incarnation = "i1", long? number = null) => new()
    {
        Node = "node-" + member,
        Incarnation = incarnation,
        Was = NodeStatus.Failed,
        Event = Verdict(number),
    };

    public void Fail(string member, string incarnation = "i1") =>
        Apply(new RecoveryEntryCommand { NodeFailed = Failed(member, incarnation) });

    public void Restore(string member, string incarnation = "i1") =>
        Apply(new RecoveryEntryCommand { NodeRestored = Restored(member, incarnation) });

    public void Leave(string member, string incarnation = "i1", long? number = null) =>
        Apply(new RecoveryEntryCommand
        {
            NodeLeft = new()
            {
                Node = "node-" + member,
                Incarnation = incarnation,
                Event = Verdict(number),
            },
        });

    public void Claim(string replica, long? expected = null) => Apply(new RecoveryEntryCommand
    {
        ClaimRecovery = new()
        {
            RecoveryId = Fence.RecoveryId,
            Replica = replica,
            ExpectedClaimEpoch = expected ?? Fence.ClaimEpoch,
        },
    });

    public RecoveryEntryCommand Fenced(long token, string? id = null, long? claim = null) => new()
    {
        StepDone = new()
        {
            RecoveryId = id ?? Fence.RecoveryId,
            ClaimEpoch = claim ?? Fence.ClaimEpoch,
            Step = RecoveryStep.Fence,
            FencingToken = new FencingToken(token),
        },
    };

    /// <summary>A replica claims the open fence, which is one of this session, and does it.</summary>
    public void BreakLock(long token, string session)
    {
        Fence.SessionId.ShouldBe(session);
        Claim("r1");
        Apply(Fenced(token));
    }

    public RecoveryReply Recover(string group = Group) =>
        Machine.Recover(new() { CommandId = "q", Group = group });

    /// <summary>A primary a and standbys b and c with a policy; a's node has failed.</summary>
    public static RecoveryScript WithFailedPrimary()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Lead("a");
        script.Join("b", version: 1);
        script.Join("c", version: 2);
        script.Write("a", 1, 0);
        script.Fail("a");
        return script;
    }

    private string NextId() => "c" + ++_commands;

    private EventId Verdict(long? number) =>
        new() { Group = "detector", Epoch = 1, Number = number ?? ++_verdicts };
}
