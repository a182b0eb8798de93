using System.Text;
using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Lock.Machine;
using Muster.Replication.Core;
using Muster.Simulator;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

public sealed class RestoringTests
{
    private const string Before = """
        open A; open B ttl=60000
        acquire A x a1; acquire B x b1 wait=9000
        campaign B boss b2 value=b
        """;

    private static readonly string[] Names = ["x", "y", "z", "muster:election:boss"];

    [Fact]
    public void Each_restoration_of_one_backup_has_a_greater_epoch_and_only_greater_tokens()
    {
        var script = Running(Before);
        var backup = script.Machine.TakeSnapshot();
        var before = StateOf(script.Machine);
        script.Apply("release A x a1 1; acquire A y a2 id=a2; break y");
        StateOf(script.Machine).ShouldNotBe(before);

        script.Apply(Restoration(backup, "r1", epoch: 10, floor: 1_000)).Select(EffectText.Of)
            .ShouldBe(["r1: restored to epoch 10, tokens above 1000"]);
        StateOf(script.Machine).ShouldBe(before);
        script.Run("""
            acquire B z b3
              #9 event 9: granted z 1001 b3
              B <- b3: granted z 1001
            """);

        script.Apply(Restoration(backup, "r2", epoch: 10, floor: 1_000)).Select(EffectText.Of)
            .ShouldBe(["r2: restored to epoch 11, tokens above 1001"]);
        StateOf(script.Machine).ShouldBe(before);
        script.Machine.StreamEpoch.ShouldBe(11);
        script.Run("""
            acquire A x a1; acquire B x b1 wait=9000; release A x a1 1
              A <- a1: granted x 1
              B <- b1: queued x behind 0
              #10 event 10: released x 1 a1
              #11 event 11: granted x 1002 b1 | B <- b1: granted x 1002 via r1
              A <- release-A: released x 1
            """);
    }

    [Fact]
    public void Answers_and_events_are_of_the_new_epoch_and_go_on_from_the_greater_number()
    {
        var script = Running(Before);
        var backup = script.Machine.TakeSnapshot();
        script.Apply("claim r7 0; published 1 2");
        var (head, last) = (script.Machine.EventsHead, script.Machine.Outbox.LastNumber);
        script.Apply(Restoration(backup, "r1", epoch: 10));

        script.Machine.EventsHead.ShouldBe(head);
        var outbox = script.Machine.Outbox;
        (outbox.Owner, outbox.Epoch, outbox.Count, outbox.LastNumber).ShouldBe(("r7", 1, 0, last));
        var view = script.Machine.ReadEvents(new() { FromNumber = 1 });
        (view.IsFullView, view.Head, view.Freshness.Epoch).ShouldBe((true, head, 10));
        view.Held.Select(held => (held.CommandId, held.FencingToken.Value))
            .ShouldBe([("b2", 2), ("a1", 1)]);

        script.Apply("acquire A y a2");
        var granted = script.Machine.Outbox.From(1, 10).ShouldHaveSingleItem();
        granted.Number.ShouldBe(last + 1);
        granted.EventId.ShouldBe(new EventId
        {
            Group = "lock",
            Epoch = 10,
            Index = script.Machine.LastIndex,
            Ordinal = 0,
            Number = head + 1,
        });
        script.Machine.Describe(new() { Name = "y" }).LockDescription!.Freshness.Epoch.ShouldBe(10);
    }

    [Fact]
    public void The_rest_of_the_entry_is_done_on_the_restored_state()
    {
        var script = Running(Before);
        var backup = script.Machine.TakeSnapshot();
        script.Apply("release A x a1 1");
        script.Apply(
            new LockEntryCommand
            {
                AcquireLock = new() { CommandId = "early", SessionId = "A", Name = "e", Sequence = 1 },
            },
            Restoration(backup, "r1", floor: 50),
            new LockEntryCommand
            {
                AcquireLock = new() { CommandId = "late", SessionId = "A", Name = "l", Sequence = 1 },
            }).Select(EffectText.Of).ShouldBe(
            [
                "noted Granted e A early token=4 for=0",
                "#7 event 7: granted e 4 early", " <- early: granted e 4",
                "r1: restored to epoch 2, tokens above 50", "noted Granted l A late token=51 for=0",
                "#8 event 8: granted l 51 late", " <- late: granted l 51",
            ]);
        script.Machine.Describe(new() { Name = "e" }).LockDescription!.Holders.ShouldBeEmpty();
    }

    [Fact]
    public void A_copy_of_the_restoration_is_answered_alike_and_restores_nothing_also_after_a_snapshot()
    {
        var script = Running(Before);
        var restoration = Restoration(script.Machine.TakeSnapshot(), "r1", epoch: 10, floor: 1_000);
        var first = Outcome(script.Apply(restoration)).Restored.ShouldNotBeNull();
        first.ShouldBe(new GroupStateRestored
        {
            CommandId = "r1",
            Group = "lock",
            Epoch = 10,
            TokenFloor = new FencingToken(1_000),
            Index = script.Machine.LastIndex,
        });
        script.Apply("acquire A y a2");
        var after = StateOf(script.Machine);
        script.Machine.Restore(script.Machine.TakeSnapshot());

        Outcome(script.Apply(restoration)).Restored.ShouldBe(first);
        StateOf(script.Machine).ShouldBe(after);
        script.Machine.StreamEpoch.ShouldBe(10);
    }

    public static TheoryData<string> Damages =>
    [
        "flipped", "checksum", "kind", "version", "cut", "empty", "null", "unfounded", "group", "token",
        "epoch", "no answer", "too early", "too large", "no id",
    ];

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_damaged_or_foreign_state_is_refused_and_changes_nothing(string damage)
    {
        var (script, twin) = (Running(Before), Running(Before));
        var restoration = Damaged(script.Machine.TakeSnapshot(), damage);

        var refused = Outcome(script.Apply(restoration)).Refused.ShouldNotBeNull();

        refused.Message.ShouldNotBeEmpty();
        refused.IsUnknown.ShouldBeFalse();
        twin.Apply("tick");
        script.Machine.Digest().ShouldBe(twin.Machine.Digest());
    }

    [Fact]
    public void A_group_that_is_not_founded_restores_nothing()
    {
        var machine = new LockMachine();
        var effects = machine.Apply(new AppliedEntry
        {
            Index = new(1),
            LogTime = 5,
            Body = LockEntryCodec.Write(new()
            {
                Commands = [Restoration(Running(Before).Machine.TakeSnapshot(), "r1")],
            }),
        });
        Outcome(effects).Refused.ShouldNotBeNull();
        machine.IsInitialized.ShouldBeFalse();
    }

    [Theory]
    [InlineData(1_000_000_000, 0)]
    [InlineData(0, 1_000_000_000)]
    public void In_a_fresh_log_the_backups_sessions_last_one_ttl_more(long backupLogTime, long freshLogTime)
    {
        var old = Running($"""
            tick +{backupLogTime}
            open A ttl=5000; open B ttl=5000
            acquire A x a1
            tick +2000
            tick +2000
            tick +900
            """);
        var fresh = Running($"tick +{freshLogTime}");
        fresh.Apply(Restoration(old.Machine.TakeSnapshot(), "r1"));

        fresh.Machine.Time.ShouldBe(old.Machine.Time);
        fresh.Machine.NextDeadline.ShouldBe(old.Machine.Time + 5_000);
        fresh.Run("""
            tick +2000
            tick +2000
            beat A +999
              beat A holds x 1 a1
            tick +1
              #1 event 2: expired B
            tick +2000
            tick +2000
            tick +998
            tick +1
              #2 event 3: expired A
              #3 event 4: lost x 1 a1 SessionExpired
            """);
    }

    [Fact]
    public void A_copy_from_before_the_restoration_is_unknown_whichever_way_time_went()
    {
        var old = Running("open A ttl=60000");
        var early = old.Machine.TakeSnapshot();
        Repeat(old, "tick +2000", 10);
        var late = old.Machine.TakeSnapshot();
        var now = old.Machine.Time;

        old.Apply(Restoration(early, "r1"));
        old.Run($"""
            acquire A x a1 issued={now}
              A <- a1: unknown
            acquire A x a1
              #1 event 1: granted x 1 a1
              A <- a1: granted x 1
            """);
        var fresh = new LockScript(window: 6_000);
        fresh.Apply(Restoration(late, "r1"));
        fresh.Run("""
            acquire A x a1 issued=0
              A <- a1: unknown
            """);
        fresh.Apply("tick");
        Outcome(Issued(fresh, 0, Restoration(early, "r2"))).Refused!.IsUnknown.ShouldBeTrue();
    }

    [Fact]
    public void A_group_founded_anew_has_the_epoch_of_its_genesis()
    {
        var script = new LockScript(epoch: 1_700_000_000_000);
        script.Machine.StreamEpoch.ShouldBe(1_700_000_000_000);
        script.Machine.ReadEvents(new()).Freshness.Epoch.ShouldBe(1_700_000_000_000);
        script.Apply(Restoration(Running(Before).Machine.TakeSnapshot(), "r1", epoch: 5));
        script.Machine.StreamEpoch.ShouldBe(1_700_000_000_001);
    }

    private static LockScript Running(string lines)
    {
        var script = new LockScript(window: 6_000);
        foreach (var line in lines.ReplaceLineEndings("\n").Split('\n'))
        {
            script.Apply(line);
        }
        return script;
    }

    private static void Repeat(LockScript script, string line, int times)
    {
        for (var time = 0; time < times; time++)
        {
            script.Apply(line);
        }
    }

    private static LockEntryCommand Restoration(
        byte[] state, string id, long epoch = 0, long floor = 0) => new()
        {
            StateRestoration = new()
            {
                CommandId = id,
                Kind = "lock",
                State = state,
                Checksum = StateRestoration.ChecksumOf(state),
                Epoch = epoch,
                TokenFloor = floor,
            },
        };

    private static LockEntryCommand Damaged(byte[] state, string damage)
    {
        var whole = Restoration(state, "r1").StateRestoration!;
        if (damage == "flipped")
        {
            state[state.Length / 2] ^= 1;
            return new() { StateRestoration = whole with { State = state } };
        }
        return damage switch
        {
            "checksum" => new() { StateRestoration = whole with { Checksum = "" } },
            "kind" => new() { StateRestoration = whole with { Kind = "registry" } },
            "no id" => new() { StateRestoration = whole with { CommandId = "" } },
            "too large" => Restoration(new byte[StateRestoration.MaxStateBytes + 1], "r1"),
            "empty" => Restoration([], "r1"),
            "null" => Restoration([2, .. "null"u8], "r1"),
            "cut" => Restoration(state[..^9], "r1"),
            "version" => Restoration([1, .. state.AsSpan(1)], "r1"),
            "unfounded" => Restoration(new LockMachine().TakeSnapshot(), "r1"),
            "group" => Changed(state, "\"group\":\"lock\"", "\"group\":\"lock-1\""),
            "token" => Changed(state, "\"lastToken\":2", $"\"lastToken\":{FencingToken.MaxValue}"),
            "epoch" => Restoration(state, "r1", epoch: long.MaxValue),
            "no answer" => Changed(state, "\"lockGranted\":", "\"other\":"),
            "too early" => Changed(state, "\"time\":", "\"time\":-9,\"other\":"),
            _ => throw new ArgumentException(damage),
        };
    }

    private static LockEntryCommand Changed(byte[] state, string part, string wrong)
    {
        var text = SnapshotText.Of(state);
        text.ShouldContain(part);
        return Restoration(
            SnapshotText.Bytes(text.Replace(part, wrong, StringComparison.Ordinal), version: 2), "r1");
    }

    private static RestorationOutcome Outcome(IReadOnlyList<LockEffect> effects) =>
        effects.ShouldHaveSingleItem().ShouldBeOfType<LockEffect.Restoration>().Outcome;

    private static IReadOnlyList<LockEffect> Issued(
        LockScript script, long issuedAt, LockEntryCommand command) =>
        script.Machine.Apply(new AppliedEntry
        {
            Index = script.Machine.LastIndex.Next(),
            LogTime = 0,
            IssuedAt = issuedAt,
            Body = LockEntryCodec.Write(new() { Commands = [command] }),
        });

    /// <summary>Who holds what and who waits, without the times.</summary>
    private static string StateOf(LockMachine machine)
    {
        var locks = Names
            .Select(name => machine.Describe(new() { Name = name }).LockDescription!)
            .Select(held => $"{held.Name}: "
                + string.Join(' ', held.Holders.Select(holder => $"{holder.AcquireId} {holder.FencingToken}"))
                + " < "
                + string.Join(' ', held.Waiters.Select(waiter => waiter.AcquireId)));
        var leader = machine.Observe(new() { Election = "boss" }).LeaderObserved!.Leader;
        return string.Join('\n', locks) + $"\n{machine.SessionCount} sessions, {leader}";
    }
}
