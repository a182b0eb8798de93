using Muster.Contracts.Detector;
using Muster.Detector.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Detector;

/// <summary>Which incarnation of a node a judge holds to, and which nodes it waits for unheard.</summary>
public sealed class SuccessionTests
{
    [Fact]
    public void A_process_that_starts_anew_at_once_follows_the_silent_one_within_three_beats()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        bus.Run(30_100);
        node.Restart("i2", bus.Now + 200);
        bus.Run(1_900);
        bus.Of("a").Incarnation.ShouldBe("i1");
        bus.Run(1_000);
        (bus.Of("a").Incarnation, bus.Of("a").Status).ShouldBe(("i2", NodeStatus.Alive));
        bus.Of("a").Follows("i1").ShouldBeTrue();
        bus.Of("a").CauseOf("i1").ShouldBe(FailureCause.Path, "nobody says that its connection is closed");
        bus.Changes.ShouldBeEmpty();
    }

    [Fact]
    public void Who_follows_one_whose_connection_was_closed_says_that_it_is_dead()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a", interval: 250);
        bus.Run(30_100);
        bus.DeleteQueueOf(node);
        node.Restart("i2", bus.Now + 50);
        bus.RunUntil("a", NodeStatus.Failed, limit: 1_000);
        bus.Run(100);
        bus.Of("a").Incarnation.ShouldBe("i2");
        bus.Of("a").CauseOf("i1").ShouldBe(FailureCause.Dead);
        bus.Of("a").CauseOf("i0").ShouldBe(FailureCause.None);
    }

    [Fact]
    public void A_process_that_starts_anew_after_one_that_left_follows_it_at_once()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        bus.Run(30_100);
        bus.Send(node.Next(isLast: true));
        node.Restart("i2", bus.Now + 50);
        bus.Run(100);
        (bus.Of("a").Incarnation, bus.Of("a").Status).ShouldBe(("i2", NodeStatus.Alive));
    }

    [Fact]
    public void Late_beats_of_an_unknown_older_incarnation_take_nobodys_place()
    {
        var bus = new SimulatedBus();
        bus.Add("a");
        bus.Run(1_500);
        var late = Beat("i0", 70);
        for (var i = 0; i < 5; i++)
        {
            bus.Send(late with { Number = late.Number + i }); // a burst, held up on its way
        }
        bus.Run(10_000);
        (bus.Of("a").Incarnation, bus.Of("a").Status).ShouldBe(("i1", NodeStatus.Alive));
        bus.Of("a").HasDouble.ShouldBeFalse();
        bus.Changes.ShouldBeEmpty();
    }

    [Fact]
    public void A_burst_of_late_beats_does_not_follow_one_that_is_silent_just_then()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        bus.Run(10_100);
        node.Beats = false;
        bus.Run(2_500);
        bus.Send(Beat("i0", 70));
        bus.Send(Beat("i0", 71));
        bus.Send(Beat("i0", 71));
        bus.Run(100);
        node.NextBeat = bus.Now;
        node.Beats = true;
        bus.Run(3_000);
        bus.Of("a").Incarnation.ShouldBe("i1");
    }

    [Theory]
    [InlineData(false, NodeStatus.Suspected)]
    [InlineData(true, NodeStatus.Left)]
    public void One_that_began_and_ended_while_the_old_was_not_given_up_yet_is_not_forgotten(
        bool isLast, NodeStatus status)
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        bus.Run(30_100);
        node.Beats = false;
        bus.Run(500);
        node.Restart("i2", bus.Now);
        node.Beats = false;
        bus.Send(node.Next(isLast));
        bus.RunUntil("a", NodeStatus.Failed).ShouldBeInRange(8_500, 11_000);
        bus.Of("a").Incarnation.ShouldBe("i1");
        bus.Run(200);
        (bus.Of("a").Incarnation, bus.Of("a").Status).ShouldBe(("i2", status));
        bus.DeleteQueueOf(node);
        if (!isLast)
        {
            bus.RunUntil("a", NodeStatus.Failed).ShouldBeLessThan(1_000);
            bus.Of("a").Cause.ShouldBe(FailureCause.Path, "it was silent long before");
        }
    }

    [Fact]
    public void A_second_process_that_had_gone_before_the_first_is_nobodys_heir()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        bus.Run(10_100);
        bus.Send(Beat("i2", 1));
        bus.Run(5_000);
        node.Beats = false;
        bus.RunUntil("a", NodeStatus.Failed);
        bus.Run(1_000);
        bus.Of("a").Incarnation.ShouldBe("i1");
    }

    [Fact]
    public void Two_processes_of_one_name_do_not_take_turns()
    {
        var bus = new SimulatedBus();
        var first = bus.Add("a");
        bus.Run(5_000);
        bus.Add("a", phase: 300).Restart("i2", bus.Now);
        for (var i = 0; i < 60; i++)
        {
            bus.Run(1_000);
            bus.Of("a").Incarnation.ShouldBe("i1");
        }
        bus.Of("a").HasDouble.ShouldBeTrue();
        bus.Changes.ShouldBeEmpty();
        first.Beats = false;
        bus.Run(3_500);
        bus.Of("a").Incarnation.ShouldBe("i2");
        bus.Of("a").HasDouble.ShouldBeFalse();
    }

    [Fact]
    public void Many_processes_of_one_name_do_not_take_turns_either()
    {
        var bus = new SimulatedBus();
        bus.Add("a");
        bus.Run(5_000);
        for (var i = 2; i < 20; i++)
        {
            bus.Add("a").Restart("i" + i, bus.Now + (i * 40));
        }
        bus.Run(120_000);
        bus.Of("a").Incarnation.ShouldBe("i1");
        bus.Changes.ShouldBeEmpty();
    }

    [Fact]
    public void What_others_hold_for_living_is_waited_for_as_long_as_it_promised()
    {
        var bus = new SimulatedBus();
        bus.Run(1_000);
        bus.Judge.Expect("slow", "i1", 60_000, [], bus.Now * 1_000);
        bus.Judge.Expect("a", "i1", 1_000, [], bus.Now * 1_000);
        bus.RunUntil("a", NodeStatus.Failed).ShouldBeInRange(9_500, 11_000);
        bus.Of("slow").Status.ShouldBe(NodeStatus.Alive);
        bus.RunUntil("slow", NodeStatus.Failed, 80_000);
        bus.Now.ShouldBeInRange(62_000, 72_000);
    }

    [Fact]
    public void Nobody_is_silent_before_the_judge_hears()
    {
        var bus = new SimulatedBus { BrokerFlows = false };
        bus.Judge.Expect("a", "i1", 1_000, [], bus.Now * 1_000);
        bus.Run(60_000);
        bus.Of("a").Status.ShouldBe(NodeStatus.Alive);
        bus.BrokerFlows = true;
        bus.RunUntil("a", NodeStatus.Failed).ShouldBeInRange(9_500, 11_500);
    }

    [Fact]
    public void A_judge_holds_to_what_the_others_hold_unless_it_heard_its_own_follow()
    {
        var bus = new SimulatedBus();
        bus.Send(Beat("i0", 70));
        bus.Run(300);
        bus.Judge.Expect("a", "i1", 1_000, [], bus.Now * 1_000);
        bus.Of("a").Incarnation.ShouldBe("i1", "i0 may be a late heartbeat");
        bus.Add("a").Restart("i2", bus.Now);
        bus.Run(3_500);
        bus.Of("a").Incarnation.ShouldBe("i2");
        bus.Judge.Expect("a", "i1", 1_000, [], bus.Now * 1_000);
        bus.Of("a").Incarnation.ShouldBe("i2", "the others are behind");
        bus.Judge.Expect("a", "i3", 1_000, ["i1", "i2"], bus.Now * 1_000);
        bus.Of("a").Incarnation.ShouldBe("i3");
        bus.Run(5_000);
        bus.Of("a").Incarnation.ShouldBe("i3", "i2 is over by the log, however it beats");
    }

    [Fact]
    public void A_renewal_that_promises_nothing_takes_no_promise_back_but_a_last_one_counts()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        bus.Run(10_100);
        bus.Send(node.Next() with { IntervalMilliseconds = 0 });
        node.Beats = false;
        bus.RunUntil("a", NodeStatus.Failed).ShouldBeInRange(8_500, 11_000);
        node.NextBeat = bus.Now;
        node.Beats = true;
        bus.RunUntil("a", NodeStatus.Alive);
        bus.Send(node.Next(isLast: true) with { IntervalMilliseconds = 0 });
        bus.Run(100);
        bus.Of("a").Status.ShouldBe(NodeStatus.Left);
    }

    private static Heartbeat Beat(string incarnation, long number) => new()
    {
        Node = "a",
        Incarnation = incarnation,
        Number = number,
        IntervalMilliseconds = 1_000,
    };
}
