using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Recovery;

/// <summary>Whoever is promoted has to confirm, however it came to be.</summary>
public sealed class VerificationTests
{
    [Fact]
    public void A_first_member_that_does_not_confirm_is_fenced_and_followed()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a");
        script.Join("b");
        script.Machine.NextDeadline.ShouldBe(script.Machine.Time + 1_500);

        script.Apply(after: 1_500);

        script.Events[^1].RecoveryStarted!.FailedMember.ShouldBe("a");
        script.State.Primary.ShouldBe("a");
        script.BreakLock(9, "session-a-i1");
        var promoted = script.Promotions.Last();
        (promoted.Member, promoted.FormerPrimary, promoted.GroupEpoch, promoted.FenceToken.Value)
            .ShouldBe(("b", "a", 2, 9));
        script.Confirm("b", 2).RecoveryAccepted.ShouldNotBeNull();
        script.Events[^1].RecoveryCompleted!.RecoveryId.ShouldBe(promoted.RecoveryId);
        script.Machine.PlanCount.ShouldBe(0);
    }

    [Fact]
    public void A_confirmation_outside_a_recovery_ends_the_wait_and_is_no_event()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a");
        script.Promotions.Last().RecoveryId.ShouldBe("");

        script.Confirm("a", 1).RecoveryAccepted.ShouldNotBeNull();
        script.Apply(after: 2_000);

        script.Machine.NextDeadline.ShouldBeNull();
        script.State.Primary.ShouldBe("a");
        script.Events.ShouldHaveSingleItem().StandbyPromoted.ShouldNotBeNull();
    }

    [Fact]
    public void Without_a_policy_a_promoted_member_has_five_seconds()
    {
        var script = new RecoveryScript();
        script.Join("a");
        script.Join("b");
        script.Apply(after: 2_000);
        script.Apply(after: 2_000);
        script.Apply(after: 999);
        script.State.Primary.ShouldBe("a");

        script.Apply(after: 1);

        (script.State.Primary, script.State.GroupEpoch).ShouldBe(("b", 2));
        script.Machine.OpenFences.ShouldBeEmpty();
    }

    [Fact]
    public void A_policy_that_comes_after_the_promotion_counts_for_it_from_the_promotion_on()
    {
        var script = new RecoveryScript();
        script.Join("a");
        var promotedAt = script.Machine.Time;
        script.Apply(after: 1_000);

        script.Policy(lockName: "", verify: 60_000);
        script.Policy(lockName: "", verify: 60_000);
        script.Machine.NextDeadline.ShouldBe(promotedAt + 60_000);
        script.Policy(lockName: "", verify: 500);
        script.Apply(after: 0);

        script.Events[^1].RecoveryFailed.ShouldNotBeNull();
    }

    [Fact]
    public void Whom_an_operator_promotes_is_followed_unless_it_confirms()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Lead("a");
        script.Join("b");
        script.Promote("b").RecoveryAccepted!.Group.Primary.ShouldBe("b");

        script.Apply(after: 1_500);
        script.BreakLock(3, "session-b-i1");

        (script.State.Primary, script.State.GroupEpoch).ShouldBe(("a", 3));
    }

    [Fact]
    public void Whoever_follows_a_member_that_left_is_followed_unless_it_confirms()
    {
        var script = new RecoveryScript();
        script.Policy(lockName: "");
        script.Lead("a");
        script.Join("b");
        script.Join("c");
        script.Withdraw("a").RecoveryAccepted!.Group.Primary.ShouldBe("b");

        script.Apply(after: 1_500);

        (script.State.Primary, script.State.GroupEpoch).ShouldBe(("c", 3));
    }

    [Fact]
    public void Whoever_takes_a_vacant_place_is_followed_unless_it_confirms()
    {
        var script = new RecoveryScript();
        script.Policy(lockName: "");
        script.Lead("a");
        script.Fail("a");
        script.Join("b").RecoveryAccepted!.Group.Primary.ShouldBe("b");
        script.Join("c");

        script.Apply(after: 1_500);

        (script.State.Primary, script.State.GroupEpoch).ShouldBe(("c", 3));
    }

    [Fact]
    public void The_only_member_is_promoted_again_when_it_reports_after_its_failure()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a");
        script.Apply(after: 1_500);
        script.BreakLock(3, "session-a-i1");
        script.Events[^1].RecoveryFailed!.Reason.ShouldContain("a");
        script.State.Primary.ShouldBe("");

        script.Join("a").RecoveryAccepted!.Group.Primary.ShouldBe("a");

        script.Confirm("a", 2).RecoveryAccepted.ShouldNotBeNull();
        script.Machine.PlanCount.ShouldBe(0);
    }

    [Fact]
    public void A_policy_that_only_fences_leaves_an_unconfirmed_promotion_to_the_operator()
    {
        var script = new RecoveryScript();
        script.Policy(isAutomatic: false);
        script.Join("a");
        script.Join("b");

        script.Apply(after: 1_500);
        script.BreakLock(3, "session-a-i1");

        script.State.Primary.ShouldBe("");
        script.Events[^1].RecoveryFailed!.Reason.ShouldContain("PromoteStandby");
    }

    [Fact]
    public void A_primary_that_restarts_without_a_policy_has_to_confirm_again()
    {
        var script = new RecoveryScript();
        script.Lead("a");
        script.Join("b");

        script.Join("a", incarnation: "i2").RecoveryAccepted!.Group.Primary.ShouldBe("a");

        script.Machine.NextDeadline.ShouldBe(script.Machine.Time + 5_000);
        script.Confirm("a", 2).RecoveryAccepted.ShouldNotBeNull();
        script.Machine.PlanCount.ShouldBe(0);
    }

    [Fact]
    public void A_primary_that_fails_before_it_confirms_is_fenced_under_the_same_plan()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a");
        script.Join("b");

        script.Fail("a");
        script.Fail("a");

        script.Events.Count(one => one.RecoveryStarted is not null).ShouldBe(1);
        script.Confirm("a", 1).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotPrimary);
        script.BreakLock(4, "session-a-i1");
        script.State.Primary.ShouldBe("b");
    }

    [Fact]
    public void A_late_result_of_a_former_fence_does_not_end_the_next_one()
    {
        var script = RecoveryScript.WithFailedPrimary();
        script.Claim("r1");
        var first = script.Fence;
        var done = script.Fenced(5);
        script.Apply(done);
        script.Fail("c");
        script.Fence.RecoveryId.ShouldBe(first.RecoveryId);
        script.Fence.CommandId.ShouldNotBe(first.CommandId);
        script.Fence.Claimant.ShouldBe("");

        script.Apply(done);
        script.Apply(script.Fenced(5));
        script.Apply(new RecoveryEntryCommand
        {
            ClaimRecovery = new()
            {
                RecoveryId = first.RecoveryId,
                Replica = "r2",
                ExpectedClaimEpoch = first.ClaimEpoch,
            },
        });

        script.State.Primary.ShouldBe("c");
        script.BreakLock(6, "session-c-i1");
        script.State.Primary.ShouldBe("b");
    }

    [Fact]
    public void A_candidate_that_withdraws_before_it_confirms_leaves_the_group_to_the_next_or_to_nobody()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a");
        script.Join("b");
        script.Withdraw("a").RecoveryAccepted!.Group.Primary.ShouldBe("b");
        script.Machine.PlanCount.ShouldBe(1);

        script.Withdraw("b").RecoveryAccepted!.Group.Primary.ShouldBe("");

        script.Machine.PlanCount.ShouldBe(0);
        script.Events.ShouldAllBe(one => one.StandbyPromoted != null);
    }

    [Fact]
    public void A_vacancy_waits_while_no_event_has_room()
    {
        var script = new RecoveryScript(new RecoveryLimits { MaxOutbox = 3 });
        script.Policy(lockName: "");
        script.Lead("a");
        script.Fail("a");
        script.Machine.Outbox.Count.ShouldBe(3);
        script.Restore("a");
        script.State.Primary.ShouldBe("");
        script.Join("a", id: "again").RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.LimitReached);

        script.Apply(RecoveryScript.Own(new() { OutboxClaim = new() { Replica = "r1" } }));
        script.Apply(RecoveryScript.Own(new() { OutboxPublished = new() { Epoch = 1, UpTo = 3 } }));
        script.Join("a", id: "again").RecoveryAccepted.ShouldNotBeNull();

        script.State.Primary.ShouldBe("a");
    }

    [Fact]
    public void A_snapshot_taken_before_the_confirmation_goes_on_like_the_original()
    {
        var script = RecoveryScript.WithFailedPrimary();
        script.BreakLock(5, "session-a-i1");
        script.Apply(after: 1_500);
        script.Fence.Number.ShouldBe(2);
        script.Claim("r1");
        var copy = new RecoveryMachine();
        copy.Restore(script.Machine.TakeSnapshot());

        copy.OpenFences.ShouldBe(script.Machine.OpenFences);
        var done = new AppliedEntry
        {
            Index = new(script.Index + 1),
            LogTime = script.LogTime + 10,
            Body = RecoveryEntryCodec.Write(new() { Commands = [script.Fenced(6)] }),
        };
        script.Machine.Apply(done);
        copy.Apply(done);
        copy.Digest().ShouldBe(script.Machine.Digest());
        copy.Describe(RecoveryScript.Group)!.Primary.ShouldBe("b");
        copy.NextDeadline.ShouldBe(script.Machine.NextDeadline);
    }

    [Fact]
    public void A_restored_plan_fences_under_another_id_than_before_the_restoration()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a");
        script.Join("b");
        var backup = script.Machine.TakeSnapshot();
        script.Apply(after: 1_500);
        var before = script.Fence.CommandId;

        script.Apply(RecoveryScript.Own(new()
        {
            StateRestoration = new()
            {
                CommandId = "r",
                Kind = "recovery",
                State = backup,
                Checksum = StateRestoration.ChecksumOf(backup),
            },
        })).OfType<RecoveryEffect.RestorationAnswer>().Single().Outcome.Restored.ShouldNotBeNull();
        script.Confirm("a", 1).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotPrimary);
        script.Apply(after: 1_500);

        script.Fence.CommandId.ShouldNotBe(before);
    }
}
