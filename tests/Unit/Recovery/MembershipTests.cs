using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Recovery;

/// <summary>Members that come back under their name or give up their place, and groups that go.</summary>
public sealed class MembershipTests
{
    [Fact]
    public void A_late_withdrawal_does_not_take_out_the_next_membership_of_the_same_process()
    {
        var script = new RecoveryScript();
        script.Join("a", membership: "m1");
        script.Confirm("a", 1);

        script.Join("a", membership: "m2").RecoveryAccepted!.Group.Primary.ShouldBe("a");
        var refused = script.Withdraw("a", "m1").RecoveryRefused!;

        refused.Reason.ShouldBe(RecoveryRefusal.MemberUnknown);
        refused.Message.ShouldContain("m2");
        (script.State.Primary, script.State.GroupEpoch).ShouldBe(("a", 1));
        script.Withdraw("a", "m2").RecoveryAccepted.ShouldNotBeNull();
        script.Machine.GroupCount.ShouldBe(0);
    }

    [Fact]
    public void A_late_report_does_not_bring_a_former_membership_back()
    {
        var script = new RecoveryScript();
        script.Join("a", membership: "m1");
        script.Join("a", membership: "m2", session: "s2");

        script.Join("a", membership: "m1", session: "").RecoveryRefused!.Reason
            .ShouldBe(RecoveryRefusal.ArgumentInvalid);

        script.Withdraw("a", "m2").RecoveryAccepted.ShouldNotBeNull();
    }

    [Fact]
    public void A_copy_of_a_withdrawn_joining_joins_nobody_and_the_next_one_does()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Join("b", membership: "m1");
        script.Withdraw("b", "m1");

        script.Join("b", membership: "m1").RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.MemberUnknown);
        script.State.Members.Count.ShouldBe(1);
        script.Join("b", membership: "m2").RecoveryAccepted!.Group.Members.Count.ShouldBe(2);
    }

    [Fact]
    public void A_withdrawal_that_overtakes_its_joining_keeps_it_out_also_after_a_snapshot()
    {
        var script = new RecoveryScript();
        script.Withdraw("a", "m1").RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.GroupUnknown);
        script.Machine.Restore(script.Machine.TakeSnapshot());

        script.Join("a", membership: "m1").RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.MemberUnknown);
        script.Machine.GroupCount.ShouldBe(0);
    }

    [Fact]
    public void Who_names_no_membership_keeps_the_one_it_has_and_withdraws_whatever_there_is()
    {
        var script = new RecoveryScript();
        script.Join("a", membership: "m1");
        script.Join("a", version: 5).RecoveryAccepted!.Group.Members[0].StateVersion.ShouldBe(5);
        script.Withdraw("a", "m2").RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.MemberUnknown);

        script.Withdraw("a").RecoveryAccepted.ShouldNotBeNull();

        script.Join("a", membership: "m1").RecoveryAccepted.ShouldNotBeNull();
    }

    [Fact]
    public void Where_no_id_has_room_a_withdrawal_is_still_done()
    {
        var script = new RecoveryScript(new RecoveryLimits { MaxKeptCommandIds = 2 });
        script.Join("a", membership: "m1");

        script.Withdraw("a", "m1").RecoveryAccepted.ShouldNotBeNull();

        script.Machine.GroupCount.ShouldBe(0);
    }

    [Fact]
    public void A_full_group_drops_the_member_that_is_unhealthy_for_longest_and_no_other()
    {
        var script = new RecoveryScript(new RecoveryLimits { MaxMembersPerGroup = 3 });
        script.Lead("a");
        script.Join("c");
        script.Join("b");
        script.Fail("c");
        script.Fail("b");
        script.Fail("a"); // the primary of a group without a policy
        script.Machine.Restore(script.Machine.TakeSnapshot());

        script.Join("d").RecoveryAccepted!.Group.Members.Select(member => member.Member)
            .ShouldBe(["a", "b", "d"]);
        script.Join("e").RecoveryAccepted!.Group.Members.Select(member => member.Member)
            .ShouldBe(["a", "d", "e"]);

        script.Join("f").RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.LimitReached);
        script.State.Members.Count.ShouldBe(3);
    }

    [Fact]
    public void A_member_that_a_plan_is_about_keeps_its_place()
    {
        var script = new RecoveryScript(new RecoveryLimits { MaxMembersPerGroup = 2 });
        script.Policy();
        script.Lead("a");
        script.Join("b");
        script.Fail("a");
        script.BreakLock(5, "session-a-i1");
        script.State.Primary.ShouldBe("b");

        script.Join("c").RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.LimitReached);
        script.Confirm("b", 2);

        script.Join("d").RecoveryAccepted!.Group.Members.Select(member => member.Member)
            .ShouldBe(["b", "d"]);
    }

    [Fact]
    public void When_all_groups_together_are_full_the_longest_dead_of_any_gives_way()
    {
        var script = new RecoveryScript(new RecoveryLimits { MaxMembers = 3 });
        script.Lead("a");
        script.Join("b");
        script.Join("x", group: "g2");
        script.Join("y", group: "g3").RecoveryRefused!.Message.ShouldContain("at most 3");
        script.Fail("b");

        script.Join("z", group: "g3").RecoveryAccepted.ShouldNotBeNull();

        script.State.Members.ShouldHaveSingleItem().Member.ShouldBe("a");
    }

    [Fact]
    public void A_group_is_removed_when_nobody_needs_it_and_its_name_begins_anew_above_its_epoch()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Lead("a");
        script.Write("a", 1, 0);
        script.Remove().RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.GroupInUse);
        script.Withdraw("a");
        script.Machine.GroupCount.ShouldBe(1);

        script.Remove(id: "r").RecoveryAccepted!.Group.Members.ShouldBeEmpty();

        script.Machine.GroupCount.ShouldBe(0);
        (script.Events[^1].GroupRemoved!.Group, script.Events[^1].GroupRemoved!.GroupEpoch)
            .ShouldBe((RecoveryScript.Group, 1));
        script.Remove().RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.GroupUnknown);
        script.Join("a").RecoveryAccepted!.Group.GroupEpoch.ShouldBe(2);
        script.Remove(id: "r").RecoveryAccepted.ShouldNotBeNull();
        (script.State.StateVersion, script.Recover().StateRecovered!.State.Length).ShouldBe((0, 0));
    }

    [Fact]
    public void A_group_under_recovery_or_with_a_healthy_member_is_removed_by_force_only()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Lead("a");
        script.Fail("a");
        script.Remove().RecoveryRefused!.Message.ShouldContain("under way");
        var fenced = (script.Fence.RecoveryId, script.Fence.ClaimEpoch);

        script.Remove(isForced: true).RecoveryAccepted.ShouldNotBeNull();

        script.Machine.PlanCount.ShouldBe(0);
        script.Apply(script.Fenced(5, fenced.RecoveryId, fenced.ClaimEpoch));
        script.Machine.GroupCount.ShouldBe(0);
        script.Join("b");
        script.Remove(isForced: true).RecoveryAccepted.ShouldNotBeNull();
        script.Machine.NextDeadline.ShouldBeNull();
    }

    [Fact]
    public void A_removed_group_gives_back_its_room()
    {
        var script = new RecoveryScript(new RecoveryLimits { MaxGroups = 1, MaxTotalStateBytes = 300_000 });
        script.Lead("a");
        script.Write("a", 1, 0, new byte[200_000]).StateWritten.ShouldNotBeNull();
        script.Join("b", group: "g2").RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.LimitReached);

        script.Remove(isForced: true);

        script.Join("b", group: "g2").RecoveryAccepted.ShouldNotBeNull();
        script.Write("b", 2, 0, new byte[200_000], group: "g2").StateWritten.ShouldNotBeNull();
    }
}
