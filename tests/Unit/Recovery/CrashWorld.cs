using System.Collections.Immutable;
using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;
using Shouldly;

namespace Muster.Unit.Tests.Recovery;

/// <summary>
/// One state of a small world: a machine, what is proposed and not applied yet, two executors that may die
/// between any two of their steps, a lock service that breaks a lock once, a former primary that goes on
/// writing, and what may still go wrong. Every delivery is checked.
/// </summary>
internal sealed record CrashWorld
{
    private const long Token = 50;

    public required byte[] Snapshot { get; init; }

    public long Index { get; init; }

    public long LogTime { get; init; }

    /// <summary>In any order, and late; not lost, since who proposes goes on until it is applied.</summary>
    public ImmutableList<Proposal> Pending { get; init; } = [];

    public ImmutableList<Executor> Executors { get; init; } = [new("A0"), new("B0")];

    /// <summary>The fences whose locks are broken, by their commands.</summary>
    public ImmutableSortedSet<string> Broken { get; init; } =
        ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    public required Budget Left { get; init; }

    /// <summary>The members promoted so far, by epoch.</summary>
    public ImmutableSortedDictionary<long, string> Promoted { get; init; } =
        ImmutableSortedDictionary<long, string>.Empty;

    public long Acknowledged { get; init; }

    public required StandbyGroup Group { get; init; }

    public OpenFence? Fence { get; init; }

    public bool IsRecovering { get; init; }

    public int Completed { get; init; }

    /// <summary>Equal for worlds that go on alike.</summary>
    public string Key => string.Join('/', new object?[]
    {
        Group.GroupEpoch, Group.Primary, Group.StateVersion, Group.FenceToken, Fence, IsRecovering,
        string.Join(',', Broken), Left, Acknowledged, Completed, string.Join(',', Executors),
        string.Join(',', Pending.Select(one => one.Name).Order(StringComparer.Ordinal)),
    });

    public static CrashWorld Begin(Budget budget, bool isVerified)
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a");
        if (isVerified)
        {
            script.Confirm("a", 1);
        }
        script.Join("b", version: 1);
        script.Join("c", version: 2);
        return new()
        {
            Snapshot = script.Machine.TakeSnapshot(),
            Left = budget,
            Index = script.Index,
            LogTime = script.LogTime,
            Group = script.State,
            Promoted = ImmutableSortedDictionary<long, string>.Empty.Add(1, "a"),
            Pending = [new("failed", new() { NodeFailed = script.Failed("a") })],
        };
    }

    /// <summary>Everything that may happen next.</summary>
    public IEnumerable<CrashWorld> Next()
    {
        foreach (var proposal in Pending.DistinctBy(one => one.Name))
        {
            yield return (this with { Pending = Pending.Remove(proposal) }).Apply(0, proposal.Command);
            if (Left.Copies > 0)
            {
                yield return (this with { Left = Left with { Copies = Left.Copies - 1 } })
                    .Apply(0, proposal.Command);
            }
        }
        for (var slot = 0; slot < Executors.Count; slot++)
        {
            foreach (var next in Execute(slot))
            {
                yield return next;
            }
        }
        if (Left.Writes > 0)
        {
            yield return (this with { Left = Left with { Writes = Left.Writes - 1 } }).Propose(
                "write" + Group.StateVersion, new() { UpdateState = Write(Group.StateVersion) });
        }
        if (Left.Timeouts > 0)
        {
            yield return (this with { Left = Left with { Timeouts = Left.Timeouts - 1 } }).Apply(2_000);
        }
        if (IsRecovering && Fence is null && Group.Primary.Length > 0)
        {
            yield return Propose("confirm" + Group.GroupEpoch, Confirmation());
        }
    }

    /// <summary>Nothing more goes wrong: a fresh executor and the promoted member do what is left.</summary>
    public CrashWorld Finish()
    {
        var world = this;
        foreach (var proposal in Pending)
        {
            world = world.Apply(0, proposal.Command);
        }
        if (world.Fence is { } open)
        {
            world = world.Apply(0, Claim("Z", open));
            world = (world with { Broken = world.Broken.Add(open.CommandId) })
                .Apply(0, Done(world.Fence!.ClaimEpoch, open));
        }
        for (var tries = 0; tries < 3 && world.IsRecovering; tries++)
        {
            world = world.Apply(0, world.Confirmation());
        }
        return world;
    }

    private IEnumerable<CrashWorld> Execute(int slot)
    {
        var executor = Executors[slot];
        if (Left.Crashes > 0 && executor != new Executor(executor.Name))
        {
            // What it had proposed is under way; what it knew is gone.
            yield return With(slot, new(executor.Successor)) with
            {
                Left = Left with { Crashes = Left.Crashes - 1 },
            };
        }
        if (executor.HasAnswer && !executor.HasReported)
        {
            // From its own claim, though it may have been taken over since.
            yield return With(slot, executor with { HasReported = true })
                .Propose($"done{executor.Claim}", Done(executor.Claim, executor.Plan!));
        }
        if (Fence is not { } open)
        {
            yield break;
        }
        if (open.Claimant == executor.Name)
        {
            if (!executor.HasAnswer || executor.Claim != open.ClaimEpoch)
            {
                yield return With(slot, executor with
                {
                    HasAnswer = true,
                    HasReported = false,
                    Claim = open.ClaimEpoch,
                    Plan = open,
                }) with
                {
                    Broken = Broken.Add(open.CommandId),
                };
            }
        }
        else if (Left.Claims > 0)
        {
            yield return (With(slot, executor with { IsBusy = true }) with
            {
                Left = Left with { Claims = Left.Claims - 1 },
            }).Propose($"claim{executor.Name}{open.ClaimEpoch}", Claim(executor.Name, open));
        }
    }

    private CrashWorld With(int slot, Executor executor) =>
        this with { Executors = Executors.SetItem(slot, executor) };

    private CrashWorld Propose(string name, RecoveryEntryCommand command) =>
        Pending.Any(one => one.Name == name) ? this : this with { Pending = Pending.Add(new(name, command)) };

    private CrashWorld Apply(long after, params RecoveryEntryCommand[] commands)
    {
        var machine = new RecoveryMachine();
        machine.Restore(Snapshot);
        var effects = machine.Apply(new()
        {
            Index = new(Index + 1),
            LogTime = LogTime + after,
            IssuedAt = machine.Time,
            Body = commands.Length == 0 ? default : RecoveryEntryCodec.Write(new() { Commands = commands }),
        });
        var world = this;
        foreach (var effect in effects)
        {
            world = world.Check(effect);
        }
        var group = machine.Describe(RecoveryScript.Group)!;
        group.StateVersion.ShouldBeGreaterThanOrEqualTo(world.Acknowledged);
        return world with
        {
            Snapshot = machine.TakeSnapshot(),
            Index = Index + 1,
            LogTime = LogTime + after,
            Group = group,
            Fence = machine.OpenFences.SingleOrDefault(),
            IsRecovering = machine.PlanCount > 0,
        };
    }

    private CrashWorld Check(RecoveryEffect effect)
    {
        switch (effect)
        {
            case RecoveryEffect.Delivery { Item.Event.StandbyPromoted: { } promoted }:
                // One promotion for each epoch, and none before the fence.
                promoted.GroupEpoch.ShouldBe(Promoted.Keys.Max() + 1);
                Broken.ShouldContain(Fence.ShouldNotBeNull().CommandId);
                promoted.FenceToken.Value.ShouldBe(Token);
                return this with { Promoted = Promoted.Add(promoted.GroupEpoch, promoted.Member) };
            case RecoveryEffect.Delivery { Item.Event.RecoveryCompleted: not null }:
                return this with { Completed = Completed + 1 };
            case RecoveryEffect.Answer { Reply.StateWritten: { } written } when
                written.StateVersion > Acknowledged:
                // The former primary writes nothing new once another one is promoted.
                Promoted.Count.ShouldBe(1);
                return this with { Acknowledged = written.StateVersion };
            default:
                return this;
        }
    }

    private RecoveryEntryCommand Confirmation() => new()
    {
        ConfirmPromotion = new()
        {
            CommandId = "confirm",
            Group = Group.Group,
            Member = Group.Primary.Length == 0 ? "x" : Group.Primary,
            GroupEpoch = Group.GroupEpoch,
        },
    };

    private UpdateState Write(long expected) => new()
    {
        CommandId = "write" + expected,
        Group = Group.Group,
        Member = "a",
        GroupEpoch = 1,
        ExpectedVersion = expected,
        State = [1],
    };

    private static RecoveryEntryCommand Claim(string replica, OpenFence open) => new()
    {
        ClaimRecovery = new()
        {
            RecoveryId = open.RecoveryId,
            Replica = replica,
            ExpectedClaimEpoch = open.ClaimEpoch,
        },
    };

    private static RecoveryEntryCommand Done(long claim, OpenFence open) => new()
    {
        StepDone = new()
        {
            RecoveryId = open.RecoveryId,
            ClaimEpoch = claim,
            Step = RecoveryStep.Fence,
            FencingToken = new(Token),
        },
    };
}

/// <summary>Told apart by name, so that equal worlds are found equal.</summary>
internal sealed record Proposal(string Name, RecoveryEntryCommand Command);

/// <summary>What may still go wrong.</summary>
internal sealed record Budget(int Crashes, int Copies, int Writes, int Timeouts, int Claims);

/// <summary>One that executes plans: what it knows of its present work.</summary>
internal sealed record Executor(string Name)
{
    public bool IsBusy { get; init; }

    public bool HasAnswer { get; init; }

    public bool HasReported { get; init; }

    public long Claim { get; init; }

    public OpenFence? Plan { get; init; }

    public string Successor => Name[..1] + (char)(Name[1] + 1);
}
