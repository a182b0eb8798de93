using System.Text;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

public sealed class RefusalTests
{
    private static readonly string Long128 = new('i', 129);

    public static TheoryData<LockEntryCommand, LockRefusal> Wrong => new()
    {
        { Open(new() { SessionId = "S" }), LockRefusal.CommandIdInvalid },
        { Open(new() { CommandId = Long128, SessionId = "S" }), LockRefusal.CommandIdInvalid },
        { Open(new() { CommandId = "c" }), LockRefusal.SessionIdInvalid },
        { Open(new() { CommandId = "c", SessionId = Long128 }), LockRefusal.SessionIdInvalid },
        { Lasting(999), LockRefusal.TtlOutOfRange },
        { Lasting(86_400_001), LockRefusal.TtlOutOfRange },
        { Open(new() { CommandId = "c", SessionId = "S", Owner = new('o', 257) }), LockRefusal.OwnerInvalid },
        { On("n", ""), LockRefusal.NodeInvalid },
        { On("", "i"), LockRefusal.NodeInvalid },
        { On(new('n', 257), "i"), LockRefusal.NodeInvalid },
        { On("n", new('i', 257)), LockRefusal.NodeInvalid },
        { Named(""), LockRefusal.NameInvalid },
        { Named(new('n', 257)), LockRefusal.NameInvalid },
        { Named(new('é', 129)), LockRefusal.NameInvalid },
        { Named("a\tb"), LockRefusal.NameInvalid },
        { Named("a\u007Fb"), LockRefusal.NameInvalid },
        { Named("ok", session: "nobody"), LockRefusal.SessionUnknown },
        { Named("ok", wait: -1), LockRefusal.WaitOutOfRange },
        { Named("ok", wait: 86_400_001), LockRefusal.WaitOutOfRange },
        { Named("muster:election:x"), LockRefusal.NameInvalid },
        { Named("muster:"), LockRefusal.NameInvalid },
        { Break(new() { CommandId = "c" }), LockRefusal.NameInvalid },
        { Break(new() { Name = "x" }), LockRefusal.CommandIdInvalid },
        { Break(new() { CommandId = "c", Name = "x", Reason = new('r', 257) }), LockRefusal.OwnerInvalid },
        { Break(new() { CommandId = "c", Name = "x", ExpectedSession = Long128 }),
            LockRefusal.SessionIdInvalid },
        { Standing(""), LockRefusal.NameInvalid },
        { Standing(new('e', 201)), LockRefusal.NameInvalid },
        { Standing("e", value: new('v', 1_025)), LockRefusal.OwnerInvalid },
        { Standing("e", wait: -1), LockRefusal.WaitOutOfRange },
        { Standing("e", session: "nobody"), LockRefusal.SessionUnknown },
        { new() { Resign = new() { CommandId = "c", SessionId = "A", Election = "e" } },
            LockRefusal.CommandIdInvalid },
        { new() { Resign = new() { CommandId = "c", SessionId = "A", Election = "e", CampaignId = "a1" } },
            LockRefusal.NotHeld },
        { Proclaiming(new() { Election = "e" }), LockRefusal.CommandIdInvalid },
        { Proclaiming(new() { Election = "", CampaignId = "a1" }), LockRefusal.NameInvalid },
        { Proclaiming(new() { Election = "e", CampaignId = "a1" }), LockRefusal.NotHeld },
        { Proclaiming(new() { Election = "e", CampaignId = "a1", Value = new('v', 1_025) }),
            LockRefusal.OwnerInvalid },
        { Proclaiming(new() { Election = "e", CampaignId = "a1" }, session: "nobody"),
            LockRefusal.SessionUnknown },
        { Close("nobody"), LockRefusal.SessionUnknown },
        { Cancel(""), LockRefusal.CommandIdInvalid },
        { Release("", "a1"), LockRefusal.NameInvalid },
        { Release("", "a9"), LockRefusal.NotHeld },
        { Held(new() { Name = "y", Names = ["y", "z"] }), LockRefusal.NameInvalid },
        { Held(new() { Names = [] }), LockRefusal.NameInvalid },
        { Held(new() { Names = ["y", "y"] }), LockRefusal.NameInvalid },
        { Held(new() { Names = ["y", ""] }), LockRefusal.NameInvalid },
        { Held(new() { Names = ["y", "muster:election:e"] }), LockRefusal.NameInvalid },
        { Held(new() { Names = [.. Enumerable.Range(0, 65).Select(at => $"n{at}")] }),
            LockRefusal.NameInvalid },
        { Held(new() { Names = ["y", "z"], Mode = LockMode.Upgradeable }), LockRefusal.ModeInvalid },
        { Held(new() { Names = ["y", "z"], Mode = LockMode.Permits, MaxPermits = 2 }),
            LockRefusal.ModeInvalid },
        { Held(new() { Name = "y", Mode = (LockMode)9 }), LockRefusal.ModeInvalid },
        { Held(new() { Name = "y", Mode = LockMode.Permits }), LockRefusal.ModeInvalid },
        { Held(new() { Name = "y", Mode = LockMode.Permits, Permits = 0, MaxPermits = 2 }),
            LockRefusal.ModeInvalid },
        { Held(new() { Name = "y", Mode = LockMode.Permits, Permits = 3, MaxPermits = 2 }),
            LockRefusal.ModeInvalid },
        { Held(new() { Name = "y", Mode = LockMode.Permits, MaxPermits = 1_000_001 }),
            LockRefusal.ModeInvalid },
        { Held(new() { Name = "x", Mode = LockMode.Permits, MaxPermits = 2 }), LockRefusal.ModeConflict },
        { Held(new() { Name = "y", Flow = new('f', 129) }), LockRefusal.OwnerInvalid },
        { Upgrade("x", "a1", 1), LockRefusal.ModeInvalid },
        { Upgrade("x", "a1", 2), LockRefusal.NotHolder },
        { Upgrade("y", "a1", 1), LockRefusal.NotHeld },
        { Upgrade("", "a1", 1), LockRefusal.NameInvalid },
        { new() { OpenSession = new() { CommandId = "c", SessionId = "B", LockDelayMilliseconds = 60_001 } },
            LockRefusal.LockDelayOutOfRange },
        { new() { OpenSession = new() { CommandId = "c", SessionId = "B", LockDelayMilliseconds = -1 } },
            LockRefusal.LockDelayOutOfRange },
        { Release("x", ""), LockRefusal.CommandIdInvalid },
        { new() { SetNamespaceLimits = new() { Namespace = "n" } }, LockRefusal.CommandIdInvalid },
        { Limit(new() { Namespace = "a/b" }), LockRefusal.NameInvalid },
        { Limit(new() { Namespace = "a\n" }), LockRefusal.NameInvalid },
        { Limit(new() { Namespace = new('n', 257) }), LockRefusal.NameInvalid },
        { Limit(new() { Limits = new() { MaxLocks = -1 } }), LockRefusal.LimitReached },
        { Limit(new() { Limits = new() { MaxAcquires = -1 } }), LockRefusal.LimitReached },
        { Limit(new() { Limits = new() { MaxWaiting = long.MinValue } }), LockRefusal.LimitReached },
        { Limit(new() { GroupNumber = 1 }), LockRefusal.WrongGroup },
        { Release("x", "a1", session: "nobody"), LockRefusal.SessionUnknown },
    };

    private static LockEntryCommand Limit(SetNamespaceLimits set) =>
        new() { SetNamespaceLimits = set with { CommandId = "c" } };

    private static LockEntryCommand Held(AcquireLock acquire) =>
        new() { AcquireLock = acquire with { CommandId = "c", SessionId = "A" } };

    private static LockEntryCommand Upgrade(string name, string acquire, long token) => new()
    {
        UpgradeLock = new()
        {
            CommandId = "c",
            SessionId = "A",
            Name = name,
            AcquireId = acquire,
            FencingToken = new(token),
        },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void Bad_input_is_refused_with_its_reason_and_changes_no_lock_and_no_session(
        LockEntryCommand command, LockRefusal reason)
    {
        var script = new LockScript();
        script.Apply("open A");
        script.Apply("acquire A x a1");
        var answer = script.Apply(command).ShouldHaveSingleItem().ShouldBeOfType<LockEffect.Answer>();
        answer.Reply.LockRefused.ShouldNotBeNull().Reason.ShouldBe(reason);
        answer.Reply.LockRefused.Message.ShouldNotBeEmpty();
        script.Machine.SessionCount.ShouldBe(1);
        script.Machine.EventsHead.ShouldBe(1);
        script.Run("""
            beat A
              beat A holds x 1 a1
            """);
    }

    [Theory]
    [InlineData("n")]
    [InlineData("grüße/日本/😀")]
    public void A_name_of_letters_of_any_script_is_fine(string name) =>
        LockValidation.CheckName(name).ShouldBeNull();

    [Fact]
    public void A_name_may_have_256_bytes_and_no_half_characters()
    {
        LockValidation.CheckName(new string('é', 128)).ShouldBeNull();
        LockValidation.CheckName("a\uD83D").ShouldNotBeNull().Reason.ShouldBe(LockRefusal.NameInvalid);
    }

    [Fact]
    public void Missing_fields_are_refused_like_empty_ones()
    {
        var machine = new LockScript().Machine;
        var commands = """
            {"acquireLock":{"name":null}},{"breakLock":{"name":null}},{"campaign":{"election":null}},
            {"resign":{}},{"proclaim":{"value":null}},{"setNamespaceLimits":{"namespace":null,"limits":null}},
            {"stateRestoration":{"state":null}},{"heartbeat":{"sessions":[null]}}
            """;
        var body = Encoding.UTF8.GetBytes($$"""{"version":1,"commands":[{{commands}}]}""");
        var effects = machine.Apply(new() { Index = new(9), LogTime = 0, Body = body });
        var refused = " <- : CommandIdInvalid";
        effects.Select(EffectText.Of).ShouldBe(
            [.. Enumerable.Repeat(refused, 6), ": not restored", "beat  unknown"]);
    }

    [Fact]
    public void Before_the_genesis_every_command_is_refused_and_only_the_first_genesis_counts()
    {
        var machine = new LockMachine();
        machine.IsInitialized.ShouldBeFalse();
        Apply(machine, 1, Lasting(15_000))
            .Select(EffectText.Of).ShouldBe([" <- c: NotReady"]);
        machine.Describe(new() { Name = "x" }).LockRefused!.Reason.ShouldBe(LockRefusal.NotReady);
        Apply(machine, 2, new() { Genesis = new() { TokenFloor = 10, Group = "g", ClusterId = "c1" } });
        Apply(machine, 3, new() { Genesis = new() { TokenFloor = 90, Group = "h", ClusterId = "c2" } });
        machine.IsInitialized.ShouldBeTrue();
        (machine.Group, machine.ClusterId).ShouldBe(("g", "c1"));
        Apply(machine, 4, Lasting(15_000));
        Apply(machine, 5, new() { AcquireLock = new() { CommandId = "a", SessionId = "S", Name = "x" } })
            .Select(EffectText.Of).ShouldBe(
                ["noted Granted x S a token=11 for=0", "#1 event 1: granted x 11 a", " <- a: granted x 11"]);
    }

    [Theory]
    [InlineData(1_500, 3_000)]
    [InlineData(60_000, 120_000)]
    [InlineData(0, 2_000)] // of nodes that do not tell
    [InlineData(60_001, 2_000)]
    public void A_takeover_may_wait_for_two_elections_of_these_nodes(long electionMax, long expected)
    {
        var machine = new LockMachine();
        var takeover = TakeoverBounds.For(electionMax);
        Apply(machine, 1, new() { Genesis = new() { Group = "g", Takeover = takeover } });

        var opened = Apply(machine, 2, Lasting(15_000)).OfType<LockEffect.Answer>().Single().Reply
            .SessionOpened!;

        opened.Takeover.ElectionMilliseconds.ShouldBe(expected);
        opened.Takeover.TotalMilliseconds.ShouldBe(15_000 + expected + 1_000 + 1_000);
    }

    [Fact]
    public void Limits_refuse_and_the_refusal_is_kept_for_the_duplicate() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        open C
          C <- open-C: LimitReached
        acquire A x a1; acquire A x a2 wait=900; acquire A y a3
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: queued x a2
          A <- a2: queued x behind 0
          A <- a3: LimitReached
        acquire B x b1 wait=900
          B <- b1: LimitReached
        release A x a1 1
          #3 event 3: released x 1 a1
          #4 event 4: granted x 2 a2 | A <- a2: granted x 2 via r1
          A <- release-A: released x 1
        acquire A y a3
          A <- a3: LimitReached
        acquire B x b1 wait=900
          B <- b1: LimitReached
        """, new() { MaxSessions = 2, MaxWaitersPerLock = 1, MaxAcquiresPerSession = 2 });

    [Fact]
    public void An_acquire_of_several_names_takes_that_many_places_of_the_group() => LockScript.Check("""
        open A
          A <- open-A: opened A
        acquire A x a1; acquire A y a2
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
          #2 event 2: granted y 2 a2
          A <- a2: granted y 2
        acquire A u,v a3
          A <- a3: LimitReached
        acquire A z a4
          #3 event 3: granted z 3 a4
          A <- a4: granted z 3
        """, new() { MaxAcquires = 3 });

    [Fact]
    public void Remembered_command_ids_and_sessions_in_a_heartbeat_are_bounded() => LockScript.Check("""
        open A; open B
          A <- open-A: opened A
          B <- open-B: opened B
        close A
          A <- close-A: Overloaded
        acquire A x a1 seq=1 below=7
          #1 event 1: granted x 1 a1
          A <- a1: granted x 1
        beat B A
          beat B
        """, new() { MaxKeptCommandIds = 2, MaxSessionsPerHeartbeat = 1 });

    [Fact]
    public void Whoever_fills_the_remembered_ids_blocks_no_opening_closing_breaking_and_limiting()
    {
        var script = LockScript.Check("""
            open A
              A <- open-A: opened A
            acquire A x a1 seq=1
              #1 event 1: granted x 1 a1
              A <- a1: granted x 1
            """, new() { MaxKeptCommandIds = 40 });
        for (var number = 0; number < 35; number++)
        {
            script.Apply($"acquire A x bare-{number}");
        }
        script.Run("""
            acquire A x bare-35
              A <- bare-35: Overloaded
            acquire A x bare-34
              A <- bare-34: LockBusy
            release A x a1 1
              A <- release-A: Overloaded
            open B
              B <- open-B: opened B
            close B
              B <- close-B: closed B
            open C
              C <- open-C: Overloaded
            close A
              A <- close-A: Overloaded
            break x
              #2 event 2: lost x 1 a1 Broken
              operator <- break-x: broken x 2, was held under 1
            limit t 1/0/0
              operator <- limit-t: 't' at most 1/0/0, has 0/0/0
            break y
              operator <- break-y: Overloaded
            acquire A x a2 seq=2
              #3 event 3: granted x 3 a2
              A <- a2: granted x 3
            """);
    }

    private static IReadOnlyList<LockEffect> Apply(
        LockMachine machine, long index, LockEntryCommand command) => machine.Apply(new AppliedEntry
        {
            Index = new(index),
            LogTime = 0,
            Body = LockEntryCodec.Write(new() { Commands = [command] }),
        });

    private static LockEntryCommand Open(OpenSession open) => new() { OpenSession = open };

    private static LockEntryCommand Lasting(long ttl) =>
        Open(new() { CommandId = "c", SessionId = "S", TtlMilliseconds = ttl });

    private static LockEntryCommand On(string node, string incarnation) =>
        Open(new() { CommandId = "c", SessionId = "S", Node = node, Incarnation = incarnation });

    private static LockEntryCommand Close(string session) =>
        new() { CloseSession = new() { CommandId = "c", SessionId = session } };

    private static LockEntryCommand Cancel(string acquire) =>
        new() { CancelAcquire = new() { CommandId = "c", SessionId = "A", AcquireId = acquire } };

    private static LockEntryCommand Named(string name, string session = "A", long wait = 0) => new()
    {
        AcquireLock = new() { CommandId = "c", SessionId = session, Name = name, WaitMilliseconds = wait },
    };

    private static LockEntryCommand Break(BreakLock breaking) => new() { BreakLock = breaking };

    private static LockEntryCommand Standing(
        string election, string session = "A", string value = "", long wait = 0) => new()
        {
            Campaign = new()
            {
                CommandId = "c",
                SessionId = session,
                Election = election,
                Value = value,
                WaitMilliseconds = wait,
            },
        };

    private static LockEntryCommand Proclaiming(Proclaim proclaim, string session = "A") =>
        new() { Proclaim = proclaim with { CommandId = "c", SessionId = session } };

    private static LockEntryCommand Release(string name, string acquire, string session = "A") => new()
    {
        ReleaseLock = new() { CommandId = "c", SessionId = session, Name = name, AcquireId = acquire },
    };
}
