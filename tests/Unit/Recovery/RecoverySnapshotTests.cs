using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Recovery;

public sealed class RecoverySnapshotTests
{
    private static readonly string[] Members = ["member-first", "member-second"];

    [Fact]
    public void A_snapshot_taken_in_the_middle_of_a_recovery_goes_on_like_the_original()
    {
        var script = RecoveryScript.WithFailedPrimary();
        script.Claim("r1");
        var copy = new RecoveryMachine();
        copy.Restore(script.Machine.TakeSnapshot());
        copy.Digest().ShouldBe(script.Machine.Digest());

        var done = new AppliedEntry
        {
            Index = new(script.Index + 1),
            LogTime = script.LogTime + 10,
            Body = RecoveryEntryCodec.Write(new() { Commands = [script.Fenced(5)] }),
        };
        script.Machine.Apply(done);
        copy.Apply(done);

        copy.Digest().ShouldBe(script.Machine.Digest());
        copy.Describe(RecoveryScript.Group)!.Primary.ShouldBe("c");
    }

    [Fact]
    public void Every_shortened_or_lengthened_snapshot_is_refused()
    {
        var snapshot = RecoveryScript.WithFailedPrimary().Machine.TakeSnapshot();
        for (var length = 0; length < snapshot.Length; length++)
        {
            Should.Throw<FormatException>(() => new RecoveryMachine().Restore(snapshot.AsSpan(0, length)));
        }
        Should.Throw<FormatException>(() => new RecoveryMachine().Restore([.. snapshot, 0]));
        snapshot[0]++;
        Should.Throw<FormatException>(() => new RecoveryMachine().Restore(snapshot))
            .Message.ShouldContain("version 3");
    }

    [Fact]
    public void A_machine_as_full_as_it_gets_still_fits_a_backup()
    {
        var script = new RecoveryScript();
        var limits = RecoveryLimits.Default;
        var states = (int)(limits.MaxTotalStateBytes / limits.MaxStateBytes);
        var random = new Random(1);
        var state = new byte[limits.MaxStateBytes];
        for (var i = 0; i < limits.MaxGroups; i++)
        {
            var group = $"group-of-usual-length-{i}";
            var effects = script.Apply(
                [.. Members.Select(name => Joining(group, name, i))]);
            effects.OfType<RecoveryEffect.Answer>().ShouldAllBe(a => a.Reply.RecoveryAccepted != null);
            if (i < states)
            {
                random.NextBytes(state);
                script.Write("member-first", 1, 0, state, group: group).StateWritten.ShouldNotBeNull();
            }
        }
        // Refusals say why, so that nothing that is remembered is longer.
        var left = limits.MaxKeptCommandIds - (limits.MaxGroups * Members.Length);
        script.Apply([.. Enumerable.Range(0, left).Select(number => Leaving(random, number))]);
        script.Join("any").RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.Overloaded);

        SnapshotEnvelope.TryWrite(script.Machine.TakeSnapshot()).ShouldNotBeNull()
            .Length.ShouldBeLessThan(StateRestoration.MaxStateBytes);
    }

    [Fact]
    public void A_restored_state_is_the_backups_under_a_higher_epoch()
    {
        var script = new RecoveryScript(epoch: 100);
        script.Join("a");
        script.Join("b");
        script.Write("a", 1, 0, [9]);
        var backup = script.Machine.TakeSnapshot();
        script.Write("a", 1, 1, [8]);
        script.Promote("b");
        var head = script.Machine.EventsHead;

        var restored = Restore(script, backup, "restore-1", epoch: 5_000).Restored!;

        (restored.Epoch, restored.Group, restored.Index.Value).ShouldBe((5_000, "recovery", script.Index));
        var recovered = script.Recover().StateRecovered!;
        recovered.State.ShouldBe([9]);
        recovered.Freshness.Epoch.ShouldBe(5_000);
        recovered.Group.Primary.ShouldBe("a");
        recovered.Group.GroupEpoch.ShouldBe(5_001);
        script.Machine.EventsHead.ShouldBe(head);
        script.Machine.ReadEvents(new() { FromNumber = head }).IsTrimmed.ShouldBeTrue();
        script.Machine.Outbox.Count.ShouldBe(0);

        // Neither primary of before writes over the restored state without having looked.
        script.Write("a", 1, 1).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotPrimary);
        script.Write("b", 2, 1).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotPrimary);
        script.Write("a", 5_001, 1).StateWritten.ShouldNotBeNull();
    }

    [Fact]
    public void One_restoration_is_done_once_and_the_same_backup_again_raises_the_epoch_again()
    {
        var script = new RecoveryScript();
        script.Join("a");
        var backup = script.Machine.TakeSnapshot();
        var first = Restore(script, backup, "r1", epoch: 1).Restored!;
        script.Join("b");

        Restore(script, backup, "r1", epoch: 1).Restored.ShouldBe(first);
        script.State.Members.Count.ShouldBe(2);

        Restore(script, backup, "r2", epoch: 1).Restored!.Epoch.ShouldBeGreaterThan(first.Epoch);
        script.State.Members.Count.ShouldBe(1);
        Restore(script, backup, "r1", epoch: 1).Restored.ShouldBe(first);
    }

    [Fact]
    public void A_restoration_proposed_to_the_state_before_another_one_is_unknown_and_changes_nothing()
    {
        var script = new RecoveryScript();
        var backup = script.Machine.TakeSnapshot();
        script.Apply(1_500);
        var before = script.Machine.Time;
        Restore(script, backup, "r1").Restored.ShouldNotBeNull();
        script.Join("a");

        var late = script.ApplyIssued(before, 0, Restoration(backup, "r2"))
            .OfType<RecoveryEffect.RestorationAnswer>().ShouldHaveSingleItem().Outcome;

        late.Refused!.IsUnknown.ShouldBeTrue();
        script.State.Members.Count.ShouldBe(1);
        Restore(script, backup, "r2").Restored.ShouldNotBeNull();
    }

    [Fact]
    public void A_state_that_is_not_whole_or_not_ours_changes_nothing()
    {
        var script = RecoveryScript.WithFailedPrimary();
        var backup = script.Machine.TakeSnapshot();
        var before = script.Recover().StateRecovered!.Group;

        Restore(script, backup, "x", checksum: new string('0', 64)).Refused!.IsUnknown.ShouldBeFalse();
        Restore(script, backup, "x", kind: "lock").Refused!.Message.ShouldContain("'lock'");
        Restore(script, backup[..^1], "x").Refused.ShouldNotBeNull();
        Restore(script, [], "x").Refused.ShouldNotBeNull();
        Restore(script, "{}"u8.ToArray(), "x").Refused.ShouldNotBeNull();

        var after = script.Recover().StateRecovered!.Group;
        (after.Primary, after.GroupEpoch, after.Members.Count)
            .ShouldBe((before.Primary, before.GroupEpoch, before.Members.Count));
        script.Fence.RecoveryId.ShouldContain("-7-");
        Restore(script, backup, "x").Restored.ShouldNotBeNull();
    }

    [Fact]
    public void Newer_verdicts_outlive_a_restoration_and_recover_its_primaries()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a");
        script.Join("b");
        var backup = script.Machine.TakeSnapshot();
        script.Fail("a");

        Restore(script, backup, "r").Restored.ShouldNotBeNull();

        script.Fence.FailedMember.ShouldBe("a");
        script.Events[^1].RecoveryStarted!.Event.Epoch.ShouldBe(script.Machine.StreamEpoch);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_primary_that_left_since_the_backup_is_followed_without_a_fence(bool hasPolicy)
    {
        var script = new RecoveryScript();
        if (hasPolicy)
        {
            script.Policy();
        }
        script.Lead("a");
        script.Join("b");
        script.Join("c", version: 2);
        var backup = script.Machine.TakeSnapshot();
        script.Fail("c");
        script.Leave("a");
        // The verdict is in the snapshot as what it was.
        script.Machine.Restore(script.Machine.TakeSnapshot());

        Restore(script, backup, "r").Restored.ShouldNotBeNull();

        script.State.Primary.ShouldBe("b", "a has left, and c has failed");
        script.State.Members[0].IsHealthy.ShouldBeFalse();
        script.Machine.OpenFences.ShouldBeEmpty();
        script.Events.ShouldNotContain(one => one.RecoveryStarted != null);
    }

    [Fact]
    public void Who_is_verified_has_all_its_time_from_the_restoration_on()
    {
        var script = new RecoveryScript();
        script.Policy(verify: 1_500);
        script.Join("a");
        script.Apply(after: 1_400);
        var backup = script.Machine.TakeSnapshot();

        Restore(script, backup, "r").Restored.ShouldNotBeNull();

        script.Apply(after: 1_400);
        script.Machine.OpenFences.ShouldBeEmpty();
        script.Confirm("a", script.State.GroupEpoch).RecoveryAccepted.ShouldNotBeNull();
        script.Machine.PlanCount.ShouldBe(0);
    }

    [Fact]
    public void Who_was_unhealthy_in_the_backup_is_so_for_longer_than_who_fails_after_it()
    {
        var old = new RecoveryScript();
        for (var i = 0; i < 20; i++)
        {
            old.Apply();
        }
        old.Lead("a");
        old.Join("b");
        old.Join("c");
        old.Fail("c");
        var founded = new RecoveryScript(new RecoveryLimits { MaxMembersPerGroup = 3 });
        Restore(founded, old.Machine.TakeSnapshot(), "r").Restored.ShouldNotBeNull();
        founded.Apply(new RecoveryEntryCommand { NodeFailed = founded.Failed("b", number: 9) });

        founded.Join("d", id: "new").RecoveryAccepted!.Group.Members.Select(member => member.Member)
            .ShouldBe(["a", "b", "d"]);
    }

    [Fact]
    public void After_a_restoration_the_newest_verdicts_are_kept_up_to_the_limit()
    {
        var script = new RecoveryScript(new RecoveryLimits { MaxMembers = 2, MaxNodes = 3 });
        script.Join("a");
        script.Fail("x1");
        script.Fail("x2");
        script.Fail("x3");
        var backup = script.Machine.TakeSnapshot();
        script.Fail("x4");
        script.Fail("x5");
        script.Fail("x6");

        Restore(script, backup, "r").Restored.ShouldNotBeNull();

        script.Join("x1").RecoveryAccepted!.Group.Members[1].IsHealthy.ShouldBeTrue();
        script.Withdraw("x1");
        script.Join("x4").RecoveryAccepted!.Group.Members[1].IsHealthy.ShouldBeFalse();
    }

    [Fact]
    public void The_limits_are_those_that_the_present_group_was_founded_with()
    {
        var small = new RecoveryScript(new RecoveryLimits { MaxGroups = 1 });
        small.Join("a");
        var large = new RecoveryScript(new RecoveryLimits { MaxGroups = 2 });

        Restore(large, small.Machine.TakeSnapshot(), "r").Restored.ShouldNotBeNull();

        large.Join("b", group: "g2", id: "new1").RecoveryAccepted!.Group.Group.ShouldBe("g2");
        large.Machine.Restore(large.Machine.TakeSnapshot());
        large.Join("c", group: "g3", id: "new2").RecoveryRefused!.Message.ShouldContain("at most 2");
    }

    [Fact]
    public void A_compressed_backup_is_restored_and_what_does_not_unpack_is_refused()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Write("a", 1, 0, new byte[200_000]);
        var packed = SnapshotEnvelope.TryWrite(script.Machine.TakeSnapshot())!;
        packed.Length.ShouldBeLessThan(10_000);
        script.Write("a", 1, 1, [1]);

        Restore(script, packed[..^9], "r1").Refused.ShouldNotBeNull();
        script.State.StateVersion.ShouldBe(2);
        Restore(script, packed, "r2").Restored.ShouldNotBeNull();

        script.Recover().StateRecovered!.State.Length.ShouldBe(200_000);
    }

    [Fact]
    public void A_verdict_taken_back_since_the_backup_leaves_nobody_unhealthy()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Join("b");
        script.Fail("b");
        var backup = script.Machine.TakeSnapshot();
        script.Restore("b");

        Restore(script, backup, "r").Restored.ShouldNotBeNull();

        script.State.Members.Single(member => member.Member == "b").IsHealthy.ShouldBeTrue();
    }

    [Fact]
    public void A_copy_proposed_before_a_restoration_changes_nothing_after_it()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Join("b");
        var backup = script.Machine.TakeSnapshot();
        script.Apply(1_500);
        var withdraw = new RecoveryEntryCommand
        {
            WithdrawStandby = new()
            {
                CommandId = "late",
                Group = RecoveryScript.Group,
                Member = "b",
            },
        };
        var issuedAt = script.Machine.Time;
        script.Apply(withdraw);
        Restore(script, backup, "r").Restored.ShouldNotBeNull();
        script.Machine.Time.ShouldBeLessThan(issuedAt);

        var answer = script.ApplyIssued(issuedAt, 0, withdraw)
            .OfType<RecoveryEffect.Answer>().ShouldHaveSingleItem().Reply;

        answer.RecoveryUnknown.ShouldNotBeNull();
        script.State.Members.Count.ShouldBe(2);
    }

    [Fact]
    public void A_backup_of_another_life_is_restored_into_a_cluster_founded_anew()
    {
        var lost = RecoveryScript.WithFailedPrimary();
        var founded = new RecoveryScript(epoch: 9_000);

        Restore(founded, lost.Machine.TakeSnapshot(), "r", epoch: 9_500).Restored!.Epoch.ShouldBe(9_500);

        founded.Fence.FailedMember.ShouldBe("a");
        founded.Claim("r1");
        founded.Apply(founded.Fenced(77));
        founded.State.Primary.ShouldBe("c");
    }

    internal static RestorationOutcome Restore(
        RecoveryScript script, byte[] state, string id, long epoch = 0, string kind = "recovery",
        string? checksum = null) =>
        script.Apply(Restoration(state, id, epoch, kind, checksum))
            .OfType<RecoveryEffect.RestorationAnswer>().ShouldHaveSingleItem().Outcome;

    private static RecoveryEntryCommand Restoration(
        byte[] state, string id, long epoch = 0, string kind = "recovery", string? checksum = null) =>
        RecoveryScript.Own(new()
        {
            StateRestoration = new()
            {
                CommandId = id,
                Kind = kind,
                State = state,
                Checksum = checksum ?? StateRestoration.ChecksumOf(state),
                Epoch = epoch,
            },
        });

    private static RecoveryEntryCommand Leaving(Random random, int number) => new()
    {
        WithdrawStandby = new()
        {
            CommandId = $"{random.NextInt64():x16}{random.NextInt64():x16}",
            Group = $"group-of-usual-length-{number % 1_000}",
            Member = "member-third",
        },
    };

    private static RecoveryEntryCommand Joining(string group, string member, int number) => new()
    {
        RegisterStandby = new()
        {
            CommandId = Guid.Empty.ToString() + group + member,
            Group = group,
            Member = member,
            Node = $"host-{number}.{member}",
            Incarnation = new string('f', 32),
            SessionId = new string('e', 32),
        },
    };
}
