using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Recovery;

public sealed class StandbyTests
{
    [Fact]
    public void The_first_member_is_the_primary_of_epoch_1_and_the_next_is_a_standby()
    {
        var script = new RecoveryScript();
        script.Join("a").RecoveryAccepted!.Group.Primary.ShouldBe("a");

        var group = script.Join("b").RecoveryAccepted!.Group;

        group.Primary.ShouldBe("a");
        group.GroupEpoch.ShouldBe(1);
        group.Members.Select(member => (member.Member, member.Role)).ShouldBe(
            [("a", StandbyRole.Primary), ("b", StandbyRole.Standby)]);
        script.Promotions.ShouldHaveSingleItem().Member.ShouldBe("a");
    }

    [Fact]
    public void Before_the_group_is_founded_everything_is_to_be_asked_again()
    {
        var script = new RecoveryScript(isFounded: false);

        script.Join("a").RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotReady);
        script.Recover().RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotReady);
    }

    [Fact]
    public void A_report_raises_the_version_and_its_late_copy_does_not_lower_it()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Join("b", version: 3);
        script.Join("b", version: 9);

        script.Join("b", version: 3);

        script.State.Members[1].StateVersion.ShouldBe(9);
    }

    [Fact]
    public void A_former_incarnation_that_comes_late_is_refused_and_changes_nothing()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Join("b", incarnation: "i1");
        script.Join("b", incarnation: "i2");

        script.Join("b", incarnation: "i1").RecoveryRefused!.Reason
            .ShouldBe(RecoveryRefusal.ArgumentInvalid);

        script.State.Members[1].Incarnation.ShouldBe("i2");
    }

    [Fact]
    public void A_primary_that_restarts_without_a_policy_stays_the_primary_under_a_new_epoch()
    {
        var script = new RecoveryScript();
        script.Join("a", incarnation: "i1");
        script.Join("b");

        script.Join("a", incarnation: "i2").RecoveryAccepted!.Group.GroupEpoch.ShouldBe(2);

        script.State.Primary.ShouldBe("a");
        script.Write("a", 1, 0).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotPrimary);
        script.Write("a", 2, 0).StateWritten.ShouldNotBeNull();
    }

    [Fact]
    public void A_primary_that_restarts_under_a_policy_is_fenced_as_what_it_was()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a", incarnation: "i1");
        script.Join("b");

        script.Join("a", incarnation: "i2");

        script.Fence.SessionId.ShouldBe("session-a-i1");
        script.State.GroupEpoch.ShouldBe(1);
    }

    [Fact]
    public void A_primary_that_restarts_under_a_policy_does_not_lead_before_its_predecessor_is_fenced()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Lead("a");
        script.Join("b");

        script.Join("a", version: 5, incarnation: "i2").RecoveryAccepted!.Group.Primary.ShouldBe("");

        script.Write("a", 1, 0).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotPrimary);
        script.Confirm("a", 1).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotPrimary);
        script.Machine.Restore(script.Machine.TakeSnapshot());
        script.BreakLock(3, "session-a-i1");
        (script.State.Primary, script.State.GroupEpoch).ShouldBe(("a", 2));
        script.Promotions.Last().FormerPrimary.ShouldBe("a");
        script.Write("a", 2, 0).StateWritten.ShouldNotBeNull();
    }

    [Fact]
    public void A_process_that_dies_while_its_predecessor_is_fenced_needs_no_fence()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Lead("a");
        script.Join("b");
        script.Fail("a");
        script.Join("a", version: 5, incarnation: "i2");

        script.Fail("a", "i2");

        script.BreakLock(3, "session-a-i1");
        (script.State.Primary, script.State.GroupEpoch).ShouldBe(("b", 2));
        script.Machine.OpenFences.ShouldBeEmpty();
    }

    [Fact]
    public void A_confirmation_that_comes_under_the_fence_is_too_late()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a");
        script.Apply(after: 1_500);
        script.Fence.FailedMember.ShouldBe("a");

        var refused = script.Confirm("a", 1).RecoveryRefused!;

        (refused.Reason, refused.Message.Contains(script.Fence.RecoveryId, StringComparison.Ordinal))
            .ShouldBe((RecoveryRefusal.NotPrimary, true));
    }

    [Fact]
    public void A_late_report_of_a_process_that_is_gone_makes_it_healthy_by_no_other_session()
    {
        var script = new RecoveryScript();
        script.Lead("a");
        script.Join("b");
        script.Restore("b", "i2");

        script.Join("b", session: "s2");

        script.State.Members[1].IsHealthy.ShouldBeFalse("b's process of i1 was replaced");
        script.Join("b", incarnation: "i2");
        script.State.Members[1].IsHealthy.ShouldBeTrue();
    }

    [Fact]
    public void Another_session_of_the_same_process_is_remembered_and_no_failure()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a", session: "");
        script.Join("b");

        script.Join("a", session: "s2");
        script.Join("a", session: "");
        script.Fail("a");

        script.Fence.SessionId.ShouldBe("s2");
    }

    [Fact]
    public void A_primary_that_withdraws_is_followed_at_once()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Join("b", version: 1);
        script.Join("c", version: 2);

        var group = script.Withdraw("a").RecoveryAccepted!.Group;

        (group.Primary, group.GroupEpoch, group.Members.Count).ShouldBe(("c", 2, 2));
        script.Promotions.Last().FormerPrimary.ShouldBe("a");
    }

    [Fact]
    public void A_group_that_was_gone_uses_no_epoch_twice()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Withdraw("a");
        script.Machine.GroupCount.ShouldBe(0);

        script.Join("a", incarnation: "i2").RecoveryAccepted!.Group.GroupEpoch.ShouldBe(2);
    }

    [Fact]
    public void An_operator_promotes_a_named_standby_or_the_newest()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Join("b", version: 1);
        script.Join("c", version: 2);

        script.Promote("b", epoch: 1).RecoveryAccepted!.Group.Primary.ShouldBe("b");
        script.Promote().RecoveryAccepted!.Group.Primary.ShouldBe("c");
        script.Promote("a", epoch: 1).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.VersionMismatch);
        script.Promote("x").RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.MemberUnknown);
        script.State.GroupEpoch.ShouldBe(3);
    }

    [Fact]
    public void A_standby_on_a_failed_node_cannot_be_promoted()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Join("b");
        script.Fail("b");

        script.Promote("b").RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NoStandby);
        script.Promote().RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NoStandby);
        script.State.Primary.ShouldBe("a");
    }

    [Fact]
    public void A_repeated_command_is_done_once_and_answered_with_the_group_as_it_is()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Join("b");
        script.Promote("b", id: "p1");
        script.Promote("a", id: "p2");

        script.Promote("b", id: "p1").RecoveryAccepted!.Group.Primary.ShouldBe("a");

        script.State.GroupEpoch.ShouldBe(3);
    }

    [Fact]
    public void An_id_of_another_command_is_refused_and_the_first_keeps_its_answer()
    {
        var script = new RecoveryScript();
        script.Join("a", id: "same");
        script.Machine.Restore(script.Machine.TakeSnapshot());

        RecoveryReply[] others =
        [
            script.Join("b", id: "same"), script.Join("a", id: "same", group: "other"),
            script.Policy(id: "same"), script.Promote("a", id: "same"), script.Write("a", 1, 0, id: "same"),
        ];

        others.ShouldAllBe(other => other.RecoveryRefused!.Reason == RecoveryRefusal.CommandIdInvalid);
        script.State.Members.ShouldHaveSingleItem().Member.ShouldBe("a");
        script.State.StateVersion.ShouldBe(0);
        script.Join("a", id: "same").RecoveryAccepted!.Group.Group.ShouldBe(RecoveryScript.Group);
    }

    [Fact]
    public void A_refused_command_is_refused_again_though_it_could_be_done_by_now()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Promote("b", id: "p1").RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.MemberUnknown);
        script.Join("b");

        script.Promote("b", id: "p1").RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.MemberUnknown);
    }

    [Fact]
    public void A_promotion_during_the_fence_is_to_be_asked_again_and_its_id_is_not_used_up()
    {
        var script = RecoveryScript.WithFailedPrimary();
        script.Promote("b", id: "p").RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotReady);
        script.Claim("r1");
        script.Apply(script.Fenced(5));
        script.State.Primary.ShouldBe("c");

        script.Promote("b", id: "p").RecoveryAccepted!.Group.Primary.ShouldBe("b");
        script.Confirm("b", 3).RecoveryAccepted.ShouldNotBeNull();
        script.Events.Count(one => one.RecoveryCompleted is not null).ShouldBe(1);
    }

    [Fact]
    public void Groups_and_members_are_bounded_with_the_limit_in_the_answer()
    {
        var script = new RecoveryScript(new RecoveryLimits
        {
            MaxGroups = 2,
            MaxMembersPerGroup = 2,
            MaxMembers = 3,
        });
        script.Join("a", group: "g1");
        script.Join("b", group: "g1");
        script.Join("c", group: "g1").RecoveryRefused!.Message.ShouldContain("at most 2");
        script.Join("a", group: "g2");
        script.Join("b", group: "g2").RecoveryRefused!.Message.ShouldContain("at most 3");
        script.Join("a", group: "g3").RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.LimitReached);
        script.Machine.GroupCount.ShouldBe(2);
    }

    [Theory]
    [InlineData("", "m")]
    [InlineData("g", "")]
    [InlineData("g/../h", "m")]
    [InlineData("g", "m m")]
    public void Names_are_checked(string group, string member)
    {
        var script = new RecoveryScript();
        script.Join(member, group: group).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.ArgumentInvalid);
        script.Machine.GroupCount.ShouldBe(0);
    }

    [Theory]
    [InlineData(499, "lock")]
    [InlineData(600_001, "lock")]
    [InlineData(500, "bad\nlock")]
    public void Policies_are_checked(long verify, string lockName) =>
        new RecoveryScript().Policy(lockName, verify).RecoveryRefused!.Reason
            .ShouldBe(RecoveryRefusal.ArgumentInvalid);
}
