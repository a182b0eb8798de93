using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

/// <summary>Which group a lock and a session are in, and a machine that takes no other's.</summary>
public sealed class PlacementTests
{
    // Of 4 groups: "orders" is in 0, the election "leader" in 1, "a/2/2" in 3.
    private const int Groups = 4;

    private static readonly int[] Numbers = [1, 2, 4, 7, 32];

    private readonly LockMachine _machine = new();
    private long _index;

    /// <summary>As contracts/README.md has them; another language computes the same.</summary>
    [Theory]
    [InlineData("jobs/nightly", "jobs/nightly", 1, 1, 4, 21)]
    [InlineData("orders", "orders", 0, 0, 6, 4)]
    [InlineData("{orders}a", "orders", 0, 0, 6, 4)]
    [InlineData("b{orders}", "orders", 0, 0, 6, 4)]
    [InlineData("{}orders", "{}orders", 0, 0, 3, 8)]
    [InlineData("{orders", "{orders", 0, 0, 4, 20)]
    [InlineData("a{b}{c}", "b", 0, 2, 0, 10)]
    [InlineData("muster:election:leader", "muster:election:leader", 1, 1, 5, 1)]
    [InlineData("muster:election:{orders}leader", "orders", 0, 0, 6, 4)]
    [InlineData("Zählung", "Zählung", 1, 1, 1, 13)]
    [InlineData("", "", 0, 0, 1, 20)]
    public void A_name_is_in_the_group_that_its_tag_says(
        string name, string tag, int of2, int of4, int of7, int of32)
    {
        LockGroups.TagOf(name).ShouldBe(tag);
        Numbers.Select(groups => LockGroups.OfLock(name, groups))
            .ShouldBe([0, of2, of4, of7, of32]);
    }

    [Fact]
    public void Names_that_differ_little_are_spread_over_all_groups() =>
        Enumerable.Range(0, 1_000).GroupBy(i => LockGroups.OfLock($"a/{i}/{i}", Groups))
            .Select(group => group.Count()).ShouldAllBe(count => count > 200);

    [Theory]
    [InlineData("0:s", 0)]
    [InlineData("3:", 3)]
    [InlineData("03:s", 3)]
    [InlineData("4:s", null)]
    [InlineData("-1:s", null)]
    [InlineData("+1:s", null)]
    [InlineData(" 1:s", null)]
    [InlineData("99999999999:s", null)]
    [InlineData(":s", null)]
    [InlineData("s", null)]
    [InlineData("", null)]
    public void A_session_is_in_the_group_that_its_id_begins_with(string id, int? number)
    {
        LockGroups.OfSession(id, Groups).ShouldBe(number);
        LockGroups.OfSession(id, 1).ShouldBe(0);
    }

    [Fact]
    public void The_first_group_has_the_name_of_the_only_one()
    {
        LockGroups.NamesOf(1).ShouldBe(["lock"]);
        LockGroups.NamesOf(3).ShouldBe(["lock", "lock-1", "lock-2"]);
        LockGroups.SessionIdOf(2, 3, "s").ShouldBe("2:s");
        LockGroups.SessionIdOf(0, 1, "s").ShouldBe("s");
    }

    [Fact]
    public void A_group_takes_its_own_locks_and_sessions()
    {
        Found(number: 3);

        Apply(new() { OpenSession = new() { CommandId = "c1", SessionId = "3:s" } })
            .SessionOpened!.Groups.ShouldBe(Groups);
        Apply(Acquire("a/2/2", "3:s")).LockGranted.ShouldNotBeNull();
        Apply(new() { Campaign = new() { CommandId = "c3", SessionId = "3:s", Election = "{a/2/2}e" } })
            .LockGranted.ShouldNotBeNull();
        _machine.Describe(new() { CommandId = "q", Name = "a/2/2" }).LockDescription!.Holders
            .ShouldHaveSingleItem();
        _machine.Observe(new() { CommandId = "q", Election = "{a/2/2}e" }).LeaderObserved!.Leader
            .ShouldNotBeNull();
    }

    public static TheoryData<LockEntryCommand> Misplaced =>
    [
        new LockEntryCommand { OpenSession = new() { CommandId = "c", SessionId = "s" } },
        new LockEntryCommand { OpenSession = new() { CommandId = "c", SessionId = "2:s" } },
        new LockEntryCommand { CloseSession = new() { CommandId = "c", SessionId = "2:s" } },
        new LockEntryCommand
        {
            CancelAcquire = new() { CommandId = "c", SessionId = "2:s", AcquireId = "a" },
        },
        Acquire("orders", "3:s"),
        Acquire("a/2/2", "2:s"),
        new LockEntryCommand { ReleaseLock = new() { CommandId = "c", SessionId = "3:s", Name = "orders" } },
        new LockEntryCommand { BreakLock = new() { CommandId = "c", Name = "orders" } },
        new LockEntryCommand { SetNamespaceLimits = new() { CommandId = "c", GroupNumber = 2 } },
        new LockEntryCommand { Campaign = new() { CommandId = "c", SessionId = "3:s", Election = "leader" } },
        new LockEntryCommand { Resign = new() { CommandId = "c", SessionId = "3:s", Election = "leader" } },
        new LockEntryCommand { Proclaim = new() { CommandId = "c", SessionId = "3:s", Election = "leader" } },
    ];

    /// <summary>Whoever sent it here: two groups that both had a lock would grant it twice.</summary>
    [Theory]
    [MemberData(nameof(Misplaced), DisableDiscoveryEnumeration = true)]
    public void A_group_refuses_what_is_anothers_and_says_how_many_there_are(LockEntryCommand command)
    {
        Found(number: 3);
        Apply(new() { OpenSession = new() { CommandId = "c1", SessionId = "3:s" } });
        var before = _machine.EventsHead;

        var refused = Apply(command).LockRefused.ShouldNotBeNull();

        (refused.Reason, refused.Groups).ShouldBe((LockRefusal.WrongGroup, Groups));
        (_machine.EventsHead, _machine.SessionCount).ShouldBe((before, 1));
    }

    [Fact]
    public void A_group_answers_no_question_about_anothers_lock()
    {
        Found(number: 3);

        foreach (var reply in new[]
        {
            _machine.Describe(new() { CommandId = "q", Name = "orders" }),
            _machine.Observe(new() { CommandId = "q", Election = "leader" }),
        })
        {
            (reply.LockRefused!.Reason, reply.LockRefused.Groups).ShouldBe((LockRefusal.WrongGroup, Groups));
        }
    }

    [Fact]
    public void What_is_no_name_or_id_is_refused_as_that()
    {
        Found(number: 3);

        Apply(Acquire(new string('n', 1_000_000), "3:s")).LockRefused!.Reason
            .ShouldBe(LockRefusal.NameInvalid);
        Apply(new() { OpenSession = new() { CommandId = "c", SessionId = new string('s', 1_000) } })
            .LockRefused!.Reason.ShouldBe(LockRefusal.SessionIdInvalid);
    }

    [Fact]
    public void The_number_of_groups_is_in_the_snapshot()
    {
        Found(number: 3);
        var other = new LockMachine();
        other.Restore(_machine.TakeSnapshot());

        other.Groups.ShouldBe(Groups);
        other.Describe(new() { CommandId = "q", Name = "orders" }).LockRefused!.Reason
            .ShouldBe(LockRefusal.WrongGroup);
        new LockMachine().Groups.ShouldBe(0, "it is not founded");
    }

    [Fact]
    public void A_log_that_does_not_say_how_many_groups_there_are_is_of_one()
    {
        var body = LockEntryCodec.Write(new() { Commands = [new() { Genesis = new() { Group = "lock" } }] });
        var text = System.Text.Encoding.UTF8.GetString(body)
            .Replace("\"groups\":1,", "", StringComparison.Ordinal)
            .Replace("\"number\":0,", "", StringComparison.Ordinal);
        text.ShouldNotContain("groups");
        ApplyBody(System.Text.Encoding.UTF8.GetBytes(text));

        _machine.Groups.ShouldBe(1);
        Apply(new() { OpenSession = new() { CommandId = "c", SessionId = "any" } }).SessionOpened
            .ShouldNotBeNull();
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(33, 0)]
    [InlineData(4, 4)]
    [InlineData(4, -1)]
    public void A_group_that_cannot_be_is_not_founded(int groups, int number) =>
        Should.Throw<ArgumentException>(() => LockEntryCodec.Write(new()
        {
            Commands = [new() { Genesis = new() { Groups = groups, Number = number } }],
        }));

    /// <summary>Its locks would be where nobody looks for them.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(4, 2)]
    [InlineData(5, 3)]
    public void A_backup_of_another_place_among_the_groups_is_refused(int groups, int number)
    {
        Found(number: 3);
        var state = _machine.TakeSnapshot();
        var other = new PlacementTests();
        other.Found(number, groups);
        var before = other._machine.TakeSnapshot();
        var envelope = SnapshotEnvelope.TryWrite(state)!;

        var effect = other.ApplyBody(LockEntryCodec.Write(new()
        {
            Commands =
            [
                new()
                {
                    StateRestoration = new()
                    {
                        CommandId = "r", Kind = LockMachine.MachineKind, State = envelope,
                        Checksum = StateRestoration.ChecksumOf(envelope), Epoch = 10,
                    },
                },
            ],
        })).OfType<LockEffect.Restoration>().Single();

        effect.Outcome.Refused!.Message.ShouldContain("3 of 4");
        other._machine.Groups.ShouldBe(groups);
        other._machine.TakeSnapshot().Length.ShouldBe(before.Length, "nothing but the last index");
    }

    private static LockEntryCommand Acquire(string name, string session) =>
        new() { AcquireLock = new() { CommandId = "a", SessionId = session, Name = name } };

    private void Found(int number, int groups = Groups) => ApplyBody(LockEntryCodec.Write(new()
    {
        Commands = [new() { Genesis = new() { Group = "lock", Groups = groups, Number = number } }],
    }));

    private LockReply Apply(LockEntryCommand command) =>
        ApplyBody(LockEntryCodec.Write(new() { Commands = [command] }))
            .OfType<LockEffect.Answer>().Single().Reply;

    private IReadOnlyList<LockEffect> ApplyBody(byte[] body) => _machine.Apply(new AppliedEntry
    {
        Index = new LogIndex(++_index),
        LogTime = 1_000,
        Origin = "r1",
        IssuedAt = _machine.Time,
        Body = body,
    });
}
