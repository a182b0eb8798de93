using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Recovery;

public sealed class PlanTests
{
    [Fact]
    public void A_failed_primary_is_fenced_then_followed_by_the_newest_standby_that_confirms()
    {
        var script = RecoveryScript.WithFailedPrimary();
        var fence = script.Fence;
        (fence.Lock, fence.SessionId).ShouldBe((RecoveryScript.Lock, "session-a-i1"));
        script.State.Primary.ShouldBe("a");

        script.Claim("r1");
        script.Apply(script.Fenced(41));

        script.State.Primary.ShouldBe("c");
        script.State.FenceToken.Value.ShouldBe(41);
        var promoted = script.Promotions.Last();
        (promoted.RecoveryId, promoted.GroupEpoch, promoted.StateVersion, promoted.FenceToken.Value)
            .ShouldBe((fence.RecoveryId, 2, 1, 41));
        script.Write("a", 1, 1).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotPrimary);

        script.Confirm("c", 2).RecoveryAccepted.ShouldNotBeNull();
        script.Events[^1].RecoveryCompleted!.RecoveryId.ShouldBe(fence.RecoveryId);
        script.Machine.PlanCount.ShouldBe(0);
        script.Machine.NextDeadline.ShouldBeNull();
    }

    [Fact]
    public void Without_a_lock_the_promotion_is_part_of_the_verdicts_entry()
    {
        var script = new RecoveryScript();
        script.Policy(lockName: "");
        script.Join("a");
        script.Join("b");

        script.Fail("a");

        script.State.Primary.ShouldBe("b");
        script.Events[^2].RecoveryStarted.ShouldNotBeNull();
        script.Machine.OpenFences.ShouldBeEmpty();
    }

    [Fact]
    public void Without_a_policy_a_failed_primary_stays_until_an_operator_promotes()
    {
        var script = new RecoveryScript();
        script.Lead("a");
        script.Join("b");

        script.Fail("a");

        script.State.Primary.ShouldBe("a");
        script.State.Members[0].IsHealthy.ShouldBeFalse();
        script.Promote().RecoveryAccepted!.Group.Primary.ShouldBe("b");
    }

    [Fact]
    public void A_policy_that_comes_after_the_failure_counts_for_it()
    {
        var script = new RecoveryScript();
        script.Lead("a");
        script.Join("b");
        script.Fail("a");

        script.Policy();

        script.Fence.FailedMember.ShouldBe("a");
    }

    [Fact]
    public void A_policy_that_only_fences_leaves_the_group_without_a_primary()
    {
        var script = new RecoveryScript();
        script.Policy(isAutomatic: false);
        script.Join("a");
        script.Join("b");
        script.Fail("a");
        script.Claim("r1");

        script.Apply(script.Fenced(5));

        script.State.Primary.ShouldBe("");
        script.Events[^1].RecoveryFailed!.Reason.ShouldContain("PromoteStandby");
        script.Join("b", version: 4).RecoveryAccepted!.Group.Primary.ShouldBe("");
        script.Promote("b").RecoveryAccepted!.Group.Primary.ShouldBe("b");
    }

    [Fact]
    public void The_same_verdict_twice_starts_one_recovery()
    {
        var script = RecoveryScript.WithFailedPrimary();
        script.Apply(new RecoveryEntryCommand { NodeFailed = script.Failed("a", number: 1) });
        script.Claim("r1");
        script.Apply(script.Fenced(5));
        script.Confirm("c", 2);

        var taken = script.Apply(new RecoveryEntryCommand { NodeFailed = script.Failed("a", number: 1) });

        taken.ShouldHaveSingleItem().ShouldBeOfType<RecoveryEffect.VerdictTaken>();
        script.Events.Count(one => one.RecoveryStarted is not null).ShouldBe(1);
    }

    [Fact]
    public void An_older_verdict_that_comes_later_does_not_undo_a_newer_one()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a");
        script.Join("b");
        script.Apply(new RecoveryEntryCommand { NodeRestored = script.Restored("a", number: 9) });

        script.Apply(new RecoveryEntryCommand { NodeFailed = script.Failed("a", number: 8) });

        script.Machine.OpenFences.ShouldBeEmpty();
        script.State.Members[0].IsHealthy.ShouldBeTrue();
    }

    [Theory]
    [InlineData(1, 1_000_010)]
    [InlineData(1, long.MaxValue)]
    [InlineData((1L << 53) + 1, 1)]
    [InlineData(-1, 1)]
    public void A_verdict_that_no_detector_can_have_numbered_so_makes_no_later_one_old(
        long epoch, long number)
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Lead("a");
        script.Join("b");
        script.Apply(new RecoveryEntryCommand { NodeFailed = script.Failed("x", number: 9) });

        var taken = script.Apply(new RecoveryEntryCommand
        {
            NodeRestored = script.Restored("a") with { Event = new() { Epoch = epoch, Number = number } },
        });
        script.Apply(new RecoveryEntryCommand { NodeFailed = script.Failed("a", number: 10) });

        taken.ShouldHaveSingleItem().ShouldBeOfType<RecoveryEffect.VerdictTaken>();
        script.Fence.FailedMember.ShouldBe("a");
    }

    [Fact]
    public void A_verdict_after_many_other_events_and_one_of_a_restored_detector_are_believed()
    {
        var script = new RecoveryScript();
        script.Lead("a");
        script.Apply(new RecoveryEntryCommand { NodeFailed = script.Failed("x", number: 9) });

        script.Apply(new RecoveryEntryCommand { NodeFailed = script.Failed("a", number: 1_000_009) });
        script.State.Members[0].IsHealthy.ShouldBeFalse();
        script.Apply(new RecoveryEntryCommand
        {
            NodeRestored = script.Restored("a") with { Event = new() { Epoch = 2, Number = 1 } },
        });
        script.State.Members[0].IsHealthy.ShouldBeTrue();
    }

    [Fact]
    public void A_verdict_on_another_incarnation_is_no_ones()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a", incarnation: "i2");

        script.Fail("a", incarnation: "i1");

        script.Machine.OpenFences.ShouldBeEmpty();
    }

    [Fact]
    public void A_node_that_runs_anew_has_lost_the_process_that_the_primary_was()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a", incarnation: "i1");
        script.Join("b");

        script.Restore("a", incarnation: "i2");

        script.Fence.FailedMember.ShouldBe("a");
    }

    [Fact]
    public void A_late_verdict_on_a_process_that_the_member_was_before_is_ignored()
    {
        var script = new RecoveryScript();
        script.Join("a", incarnation: "i1");
        script.Join("a", incarnation: "i2");
        script.Policy();

        script.Restore("a", incarnation: "i1");

        script.Machine.OpenFences.ShouldBeEmpty();
        script.State.Members[0].IsHealthy.ShouldBeTrue();
    }

    [Fact]
    public void A_promoted_member_that_does_not_confirm_is_followed_by_the_next_and_then_by_nobody()
    {
        var script = RecoveryScript.WithFailedPrimary();
        script.Claim("r1");
        script.Apply(script.Fenced(5));
        script.Machine.NextDeadline.ShouldBe(script.Machine.Time + 1_500);

        script.Apply(after: 1_500);
        script.BreakLock(6, "session-c-i1");
        (script.State.Primary, script.State.GroupEpoch).ShouldBe(("b", 3));
        script.State.FenceToken.Value.ShouldBe(6);
        script.Confirm("c", 2).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotPrimary);

        script.Apply(after: 1_500);
        script.BreakLock(7, "session-b-i1");
        script.State.Primary.ShouldBe("");
        script.Events[^1].RecoveryFailed!.Reason.ShouldContain("b, c");
        script.Write("b", 3, 1).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotPrimary);
    }

    [Fact]
    public void A_promoted_member_that_fails_is_fenced_and_followed_at_once()
    {
        var script = RecoveryScript.WithFailedPrimary();
        script.Claim("r1");
        script.Apply(script.Fenced(5));

        script.Fail("c");

        script.State.Primary.ShouldBe("c");
        script.BreakLock(6, "session-c-i1");
        (script.State.Primary, script.State.GroupEpoch).ShouldBe(("b", 3));
    }

    [Fact]
    public void A_promoted_member_that_withdraws_is_followed_at_once()
    {
        var script = RecoveryScript.WithFailedPrimary();
        script.Claim("r1");
        script.Apply(script.Fenced(5));

        script.Withdraw("c").RecoveryAccepted!.Group.Primary.ShouldBe("b");

        script.Confirm("b", 3).RecoveryAccepted.ShouldNotBeNull();
        script.Events[^1].RecoveryCompleted.ShouldNotBeNull();
    }

    [Fact]
    public void A_group_without_a_primary_takes_the_next_that_registers()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a");
        script.Fail("a");
        script.Claim("r1");
        script.Apply(script.Fenced(5));
        script.Events[^1].RecoveryFailed.ShouldNotBeNull();

        var group = script.Join("b").RecoveryAccepted!.Group;

        (group.Primary, group.GroupEpoch, group.FenceToken.Value).ShouldBe(("b", 2, 5));
    }

    [Fact]
    public void A_group_without_a_primary_takes_the_failed_one_back_when_it_is_restored()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a");
        script.Fail("a");
        script.Claim("r1");
        script.Apply(script.Fenced(5));

        script.Restore("a");

        (script.State.Primary, script.State.GroupEpoch).ShouldBe(("a", 2));
    }

    [Fact]
    public void A_former_primary_that_comes_back_is_a_standby()
    {
        var script = RecoveryScript.WithFailedPrimary();
        script.Claim("r1");
        script.Apply(script.Fenced(5));
        script.Confirm("c", 2);

        script.Restore("a");
        script.Join("a", incarnation: "i1");

        script.State.Primary.ShouldBe("c");
        script.State.Members[0].ShouldSatisfyAllConditions(
            member => member.Role.ShouldBe(StandbyRole.Standby),
            member => member.IsHealthy.ShouldBeTrue());
    }

    [Fact]
    public void Of_two_claims_the_first_in_the_log_wins_and_the_others_result_is_void()
    {
        var script = RecoveryScript.WithFailedPrimary();
        script.Claim("r1", expected: 0);
        script.Claim("r2", expected: 0);
        (script.Fence.Claimant, script.Fence.ClaimEpoch).ShouldBe(("r1", 1));

        script.Claim("r2", expected: 1);
        script.Apply(script.Fenced(5, claim: 1));
        script.State.Primary.ShouldBe("a");

        var id = script.Fence.RecoveryId;
        script.Apply(script.Fenced(6, claim: 2));
        script.Apply(script.Fenced(7, id, claim: 2));
        script.State.FenceToken.Value.ShouldBe(6);
        script.State.GroupEpoch.ShouldBe(2);
    }

    [Fact]
    public void A_step_without_a_claim_or_of_another_kind_does_nothing()
    {
        var script = RecoveryScript.WithFailedPrimary();
        script.Apply(script.Fenced(5, claim: 0));
        script.Claim("r1");
        script.Apply(new RecoveryEntryCommand
        {
            StepDone = new()
            {
                RecoveryId = script.Fence.RecoveryId,
                ClaimEpoch = 1,
                Step = RecoveryStep.Verify,
            },
        });

        script.State.GroupEpoch.ShouldBe(1);
        script.Machine.OpenFences.ShouldHaveSingleItem();
    }

    [Fact]
    public void The_failure_of_a_standby_only_marks_it()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Lead("a");
        script.Join("b");

        script.Fail("b");

        script.Machine.PlanCount.ShouldBe(0);
        script.State.Members[1].IsHealthy.ShouldBeFalse();
    }

    [Fact]
    public void Whoever_executes_a_fence_sends_the_same_command()
    {
        var script = RecoveryScript.WithFailedPrimary();
        var first = script.Fence.CommandId;
        script.Claim("r1");
        script.Claim("r2");

        script.Fence.CommandId.ShouldBe(first);
        first.Length.ShouldBeLessThanOrEqualTo(128);
    }

    [Fact]
    public void Verdicts_on_nodes_that_are_nobodys_are_bounded_and_a_failed_node_can_still_join()
    {
        var script = new RecoveryScript(new RecoveryLimits { MaxMembers = 2, MaxNodes = 3 });
        script.Join("a");
        script.Fail("a");
        for (var i = 0; i < 10; i++)
        {
            script.Fail("x" + i);
        }
        script.Join("x9").RecoveryAccepted!.Group.Members[1].IsHealthy.ShouldBeFalse();
        script.State.Members[0].IsHealthy.ShouldBeFalse();
    }

    [Fact]
    public void Beyond_the_limit_a_tenth_of_the_verdicts_goes_at_once_the_oldest_first()
    {
        var script = new RecoveryScript(new RecoveryLimits { MaxMembers = 10, MaxNodes = 20 });
        for (var i = 0; i < 21; i++)
        {
            script.Fail($"x{i}");
        }
        script.Machine.Restore(script.Machine.TakeSnapshot());

        foreach (var member in new[] { "x0", "x1", "x2", "x3", "x20" })
        {
            script.Join(member);
        }

        script.State.Members.Where(member => member.IsHealthy).Select(member => member.Member)
            .ShouldBe(["x0", "x1", "x2"], "18 are left");
    }
}
