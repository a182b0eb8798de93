using Muster.Contracts.Detector;
using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Recovery;

/// <summary>Nodes that said that they stop, and nodes that started anew before anybody missed them.</summary>
public sealed class DepartureTests
{
    [Fact]
    public void The_primary_of_a_node_that_left_is_followed_at_once_as_if_it_had_withdrawn()
    {
        var script = Formed();

        script.Leave("a");

        (script.State.Primary, script.State.GroupEpoch).ShouldBe(("c", 2));
        script.State.Members[0].IsHealthy.ShouldBeFalse();
        script.Machine.PlanCount.ShouldBe(1, "c has to confirm");
        script.Events.ShouldNotContain(one => one.RecoveryStarted != null);
        script.Write("a", 1, 1).RecoveryRefused!.Reason.ShouldBe(RecoveryRefusal.NotPrimary);
        // The withdrawal comes after all.
        script.Withdraw("a").RecoveryAccepted.ShouldNotBeNull();
        (script.State.Primary, script.State.GroupEpoch).ShouldBe(("c", 2));
    }

    /// <summary>The machine remembers withdrawn memberships where it remembers commands.</summary>
    [Fact]
    public void No_command_id_is_taken_for_a_withdrawn_membership()
    {
        var script = new RecoveryScript();
        script.Policy(id: "withdrawn/orders/a/m1");
        script.Join("a", membership: "m1").RecoveryAccepted.ShouldNotBeNull();

        script.Ask(new()
        {
            WithdrawStandby = new()
            {
                CommandId = "withdrawn/orders/a/m2",
                Group = "orders",
                Member = "a",
                Membership = "m2",
            },
        });

        script.Withdraw("a", "m1").RecoveryAccepted.ShouldNotBeNull();
        script.Join("a", membership: "m1").RecoveryRefused.ShouldNotBeNull("it was withdrawn");
    }

    [Fact]
    public void The_last_member_that_left_leaves_a_vacancy_to_the_next_that_comes()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a");

        script.Leave("a");

        script.State.Primary.ShouldBe("");
        script.Join("a", version: 5).RecoveryAccepted!.Group.Primary.ShouldBe("", "a late report");
        script.Join("b").RecoveryAccepted!.Group.Primary.ShouldBe("b");
        script.Events.ShouldNotContain(one => one.RecoveryFailed != null);
    }

    [Fact]
    public void A_standby_that_left_is_promoted_by_nobody()
    {
        var script = Formed();
        script.Leave("c");
        script.Fail("a");
        script.Claim("r1");
        script.Apply(script.Fenced(5));
        script.State.Primary.ShouldBe("b");
    }

    [Fact]
    public void All_members_of_the_node_have_gone_before_one_of_them_could_follow()
    {
        var script = new RecoveryScript();
        script.Policy();
        foreach (var member in new[] { "a", "b" })
        {
            script.Ask(new()
            {
                RegisterStandby = new()
                {
                    CommandId = "join-" + member,
                    Group = RecoveryScript.Group,
                    Member = member,
                    Node = "node-x",
                    Incarnation = "i1",
                },
            });
        }
        script.Join("c");

        script.Leave("x");

        (script.State.Primary, script.State.GroupEpoch).ShouldBe(("c", 2));
    }

    [Fact]
    public void A_primary_that_leaves_under_its_verification_is_followed_by_the_next()
    {
        var script = RecoveryScript.WithFailedPrimary();
        script.Claim("r1");
        script.Apply(script.Fenced(5));

        script.Leave("c");

        (script.State.Primary, script.State.GroupEpoch).ShouldBe(("b", 3));
        script.Confirm("b", 3).RecoveryAccepted.ShouldNotBeNull();
    }

    [Fact]
    public void A_departure_that_is_old_or_of_another_incarnation_is_no_ones()
    {
        var script = Formed();
        script.Apply(new RecoveryEntryCommand { NodeRestored = script.Restored("a", number: 9) });
        script.Leave("a", number: 8);
        script.Leave("b", "i0");
        script.State.Members.ShouldAllBe(member => member.IsHealthy);
        script.State.Primary.ShouldBe("a");
    }

    [Fact]
    public void A_departure_that_the_next_process_overtook_still_gives_the_group_a_follower()
    {
        var script = new RecoveryScript();
        script.Lead("a");
        script.Join("b");
        script.Apply(new RecoveryEntryCommand { NodeRestored = script.Restored("a", "i2", number: 9) });
        script.State.Primary.ShouldBe("a", "a group without a policy");
        script.Leave("a", "i0", number: 7);
        script.State.Primary.ShouldBe("a");

        script.Leave("a", number: 8);

        (script.State.Primary, script.State.GroupEpoch).ShouldBe(("b", 2));
        script.Leave("a", number: 8);
        script.State.GroupEpoch.ShouldBe(2);
    }

    [Fact]
    public void A_departure_is_in_the_snapshot()
    {
        var script = Formed();
        script.Leave("b");
        var copy = new RecoveryMachine();
        copy.Restore(script.Machine.TakeSnapshot());
        copy.Describe(RecoveryScript.Group)!.Members[1].IsHealthy.ShouldBeFalse();
    }

    /// <summary>The detectors' two events of a process that started anew before it was missed.</summary>
    [Fact]
    public void A_primary_whose_process_was_replaced_is_recovered_once_in_whatever_order_its_verdicts_come()
    {
        foreach (var isInOrder in new[] { true, false })
        {
            var script = Formed();
            var failed = new RecoveryEntryCommand { NodeFailed = script.Failed("a", "i1", number: 5) };
            var restored = new RecoveryEntryCommand { NodeRestored = script.Restored("a", "i2", number: 6) };
            script.Apply(isInOrder ? failed : restored);
            script.Apply(isInOrder ? restored : failed);

            script.Fence.SessionId.ShouldBe("session-a-i1");
            script.Events.Count(one => one.RecoveryStarted is not null).ShouldBe(1);

            // The new process joins as the member that the old one was, and may be promoted itself.
            script.Join("a", incarnation: "i2").RecoveryAccepted.ShouldNotBeNull();
            script.State.Members[0].IsHealthy.ShouldBeTrue();
            script.Claim("r1");
            script.Apply(script.Fenced(5));
            script.State.GroupEpoch.ShouldBe(2);
        }
    }

    /// <summary>Of each of the three the one that says how the primary ended may come last.</summary>
    [Theory]
    [InlineData("5 6 7")]
    [InlineData("5 7 6")]
    [InlineData("6 5 7")]
    [InlineData("6 7 5")]
    [InlineData("7 5 6")]
    [InlineData("7 6 5")]
    public void A_primary_is_recovered_though_the_next_process_of_its_node_has_failed_already(string order)
    {
        var script = Formed();
        var verdicts = new Dictionary<string, RecoveryEntryCommand>
        {
            ["5"] = new() { NodeFailed = script.Failed("a", "i1", number: 5) },
            ["6"] = new() { NodeRestored = script.Restored("a", "i2", number: 6) },
            ["7"] = new() { NodeFailed = script.Failed("a", "i2", number: 7) },
        };

        foreach (var number in order.Split(' '))
        {
            script.Apply(verdicts[number]);
        }

        script.Fence.SessionId.ShouldBe("session-a-i1");
        script.State.Members[0].IsHealthy.ShouldBeFalse();
        script.Events.Count(one => one.RecoveryStarted is not null).ShouldBe(1);
    }

    [Fact]
    public void A_departure_that_the_end_of_the_next_process_overtook_gives_the_group_a_follower()
    {
        var script = Formed();
        script.Apply(new RecoveryEntryCommand { NodeFailed = script.Failed("a", "i2", number: 9) });
        script.State.Members[0].IsHealthy.ShouldBeTrue("nothing says that i1 is over");

        script.Leave("a", number: 8);

        (script.State.Primary, script.State.GroupEpoch).ShouldBe(("c", 2));
        script.State.Members[0].IsHealthy.ShouldBeFalse();
        script.Events.ShouldNotContain(one => one.RecoveryStarted != null);
        script.Leave("a", number: 8);
        script.State.GroupEpoch.ShouldBe(2);
    }

    [Fact]
    public void A_departure_that_no_detector_can_have_numbered_so_is_followed_by_nobody()
    {
        var script = new RecoveryScript();
        script.Lead("a");
        script.Join("b");
        script.Fail("a");

        script.Leave("a", number: long.MaxValue);

        script.State.Primary.ShouldBe("a", "a group without a policy");
    }

    [Theory]
    [InlineData(NodeStatus.Suspected)]
    [InlineData(NodeStatus.Failed)]
    [InlineData(NodeStatus.Left)]
    public void No_verdict_is_about_a_member_that_names_no_incarnation(NodeStatus was)
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a", incarnation: "");
        script.Join("b");

        script.Apply(new RecoveryEntryCommand { NodeRestored = script.Restored("a") with { Was = was } });

        script.Machine.OpenFences.ShouldBeEmpty();
        script.State.Members[0].IsHealthy.ShouldBeTrue();
    }

    [Fact]
    public void A_process_that_was_suspected_and_lives_takes_no_others_place()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a", incarnation: "i2");
        script.Join("b");
        var restored = script.Restored("a", "i1") with { Was = NodeStatus.Suspected };

        script.Apply(new RecoveryEntryCommand { NodeRestored = restored });

        script.Machine.OpenFences.ShouldBeEmpty();
        script.State.Members[0].IsHealthy.ShouldBeTrue();
    }

    private static RecoveryScript Formed()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Join("a");
        script.Join("b", version: 1);
        script.Join("c", version: 2);
        script.Write("a", 1, 0);
        return script;
    }
}
