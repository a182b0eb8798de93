using Muster.Contracts.Detector;
using Muster.Detector.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Detector;

public sealed class JudgeTests
{
    [Fact]
    public void A_node_that_only_falls_silent_is_suspected_by_phi_and_fails_for_its_path_after_ten_seconds()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        bus.Run(30_000);
        node.Beats = false;
        bus.RunUntil("a", NodeStatus.Suspected).ShouldBeInRange(3_500, 5_000);
        bus.Of("a").Cause.ShouldBe(FailureCause.Path);
        bus.RunUntil("a", NodeStatus.Failed).ShouldBeInRange(4_500, 6_000);
        bus.Of("a").Cause.ShouldBe(FailureCause.Path);
    }

    [Fact]
    public void A_closed_connection_and_two_missed_beats_fail_it_for_dead()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        bus.Run(30_100);
        node.Beats = false;
        bus.DeleteQueueOf(node);
        bus.RunUntil("a", NodeStatus.Failed).ShouldBeInRange(1_500, 2_300);
        bus.Of("a").Cause.ShouldBe(FailureCause.Dead);
        bus.Changes.Count.ShouldBe(1);
    }

    /// <summary>A crash is to be known within a second: two beats, and what the judge takes itself.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(70)]
    [InlineData(130)]
    [InlineData(240)]
    public void Of_a_node_that_beats_four_times_a_second_a_death_is_known_within_a_second(int sinceItsBeat)
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a", interval: 250);
        bus.Run(30_000 + sinceItsBeat);
        node.Beats = false;
        bus.DeleteQueueOf(node);
        bus.RunUntil("a", NodeStatus.Failed).ShouldBeInRange(250, 800);
        bus.Of("a").Cause.ShouldBe(FailureCause.Dead);
    }

    /// <summary>The broker missed its heartbeats too: it may be a process that stands still.</summary>
    [Fact]
    public void A_connection_that_is_closed_after_a_long_silence_is_no_word_of_a_death()
    {
        var bus = new SimulatedBus(SimulatedBus.Defaults with { FailAfter = 60_000_000 });
        var node = bus.Add("a", interval: 250);
        bus.Run(30_000);
        node.Beats = false;
        bus.Run(10_000);
        bus.DeleteQueueOf(node);
        bus.RunUntil("a", NodeStatus.Failed).ShouldBeLessThan(1_000);
        bus.Of("a").Cause.ShouldBe(FailureCause.Path);
    }

    /// <summary>After the gap its silence counts anew, and nobody knows how long it was before.</summary>
    [Fact]
    public void Nor_is_one_of_a_node_that_was_not_heard_since_the_judge_stood_still()
    {
        var bus = new SimulatedBus(SimulatedBus.Defaults with { FailAfter = 60_000_000 });
        var node = bus.Add("a", interval: 250);
        bus.Run(30_000);
        node.Beats = false;
        bus.Run(8_000);
        bus.JudgeRuns = false;
        bus.Run(5_000);
        bus.JudgeRuns = true;
        bus.Run(1_000);
        bus.DeleteQueueOf(node);
        bus.RunUntil("a", NodeStatus.Failed);
        bus.Of("a").Cause.ShouldBe(FailureCause.Path);
    }

    [Fact]
    public void A_node_that_goes_over_to_another_interval_and_back_is_not_suspected()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        for (var round = 0; round < 40; round++)
        {
            bus.Run(3_000 + (round * 70));
            (node.Interval, node.NextBeat) = (250, bus.Now);
            bus.Run(2_000 + (round * 90));
            node.Interval = 1_000; // with the beat that is due
        }
        bus.Changes.ShouldBeEmpty();
        node.Beats = false;
        bus.RunUntil("a", NodeStatus.Suspected).ShouldBeInRange(2_500, 5_000);
    }

    [Fact]
    public void A_node_that_comes_back_under_a_new_connection_was_not_dead()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        bus.Run(30_100);
        bus.DeleteQueueOf(node);
        node.Beats = false;
        bus.Run(1_500);
        node.Connection = "a.c2";
        node.NextBeat = bus.Now;
        node.Beats = true;
        bus.Run(1_000);
        node.Beats = false;
        bus.Run(3_000);
        bus.Changes.ShouldBeEmpty();
    }

    [Fact]
    public void A_beat_that_was_on_its_way_when_the_connection_closed_takes_the_evidence_not_away()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        bus.Run(30_100);
        bus.DeleteQueueOf(node);
        bus.Send(node.Next());
        node.Beats = false;
        bus.RunUntil("a", NodeStatus.Failed).ShouldBeInRange(1_800, 2_400);
        bus.Of("a").Cause.ShouldBe(FailureCause.Dead);
    }

    [Fact]
    public void Another_queue_of_the_broker_is_nobodys()
    {
        var bus = new SimulatedBus();
        bus.Add("a");
        bus.Run(30_000);
        bus.Judge.QueueDeleted("somebody-else", bus.Now * 1_000);
        bus.Run(30_000);
        bus.Changes.ShouldBeEmpty();
    }

    [Fact]
    public void Suspicion_ends_with_the_next_beat_and_so_does_failure()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        bus.Run(30_000);
        node.Beats = false;
        bus.RunUntil("a", NodeStatus.Failed);
        node.NextBeat = bus.Now;
        node.Beats = true;
        bus.RunUntil("a", NodeStatus.Alive).ShouldBeLessThan(50);
        bus.Run(60_000);
        bus.Changes.Count.ShouldBe(3);
    }

    [Fact]
    public void A_slow_node_is_suspected_as_slow_and_never_fails_while_it_is_heard()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        bus.Run(30_000);
        node.Lag = 4_000;
        bus.RunUntil("a", NodeStatus.Suspected).ShouldBeInRange(1_500, 3_500);
        bus.Of("a").Cause.ShouldBe(FailureCause.Slow);
        bus.Run(120_000);
        bus.Of("a").Status.ShouldBe(NodeStatus.Suspected);
        node.Lag = 0;
        bus.RunUntil("a", NodeStatus.Alive).ShouldBeInRange(3_000, 6_000);
        bus.Changes.Count.ShouldBe(2);
    }

    [Fact]
    public void Beats_that_come_later_than_promised_and_an_acceptable_pause_make_a_node_slow()
    {
        var bus = new SimulatedBus();
        bus.Add("a", interval: 6_000);
        var node = bus.Add("b");
        bus.Run(10_000);
        for (var i = 0; i < 20; i++)
        {
            node.NextBeat = bus.Now + 5_000;
            bus.Run(5_010);
        }
        bus.Of("b").Status.ShouldBe(NodeStatus.Suspected);
        bus.Of("b").Cause.ShouldBe(FailureCause.Slow);
        bus.Changes.ShouldNotContain(change => change.Contains("Failed", StringComparison.Ordinal));
        bus.Changes.ShouldNotContain(change => change.Contains(" a ", StringComparison.Ordinal));
    }

    [Fact]
    public void Who_says_that_it_stops_has_left_and_is_not_missed()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        bus.Run(5_000);
        bus.Send(node.Next(isLast: true));
        node.Beats = false;
        bus.DeleteQueueOf(node);
        bus.Run(120_000);
        bus.Of("a").Status.ShouldBe(NodeStatus.Left);
        bus.Judge.LevelOf(bus.Of("a")).ShouldBe(0);
        bus.Changes.Count.ShouldBe(1);
    }

    [Fact]
    public void A_new_incarnation_takes_the_place_of_the_old_and_late_beats_of_that_prove_nothing()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        bus.Run(30_000);
        var late = node.Next();
        node.Beats = false;
        bus.RunUntil("a", NodeStatus.Failed);
        node.Restart("i2", bus.Now);
        bus.Run(2_000);
        (bus.Of("a").Incarnation, bus.Of("a").Status).ShouldBe(("i2", NodeStatus.Alive));
        bus.Send(late);
        bus.Run(100);
        bus.Of("a").Incarnation.ShouldBe("i2");
        node.Beats = false;
        bus.Send(late with { Number = late.Number + 50 });
        bus.RunUntil("a", NodeStatus.Failed).ShouldBeInRange(8_000, 11_000);
    }

    [Fact]
    public void An_old_number_is_no_sign_of_life()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        bus.Run(30_000);
        var old = node.Next() with { Number = 3 };
        node.Beats = false;
        for (var i = 0; i < 12; i++)
        {
            bus.Send(old);
            bus.Run(1_000);
        }
        bus.Of("a").Status.ShouldBe(NodeStatus.Failed);
    }

    [Fact]
    public void A_judge_waits_for_a_node_that_others_accuse_although_it_never_heard_it()
    {
        var bus = new SimulatedBus();
        bus.Run(1_000);
        bus.Judge.Expect("a", "i1", 0, [], bus.Now * 1_000);
        bus.Judge.Expect("b", "i1", 0, [], bus.Now * 1_000);
        bus.Judge.Expect(SimulatedBus.Self, "s1", 0, [], bus.Now * 1_000);
        bus.Add("b");
        bus.RunUntil("a", NodeStatus.Failed).ShouldBeInRange(9_500, 11_000);
        bus.Of("b").Status.ShouldBe(NodeStatus.Alive);
        bus.Of("b").Beats.ShouldBeGreaterThan(5);
        bus.Judge.Find(SimulatedBus.Self).ShouldBeNull();
        bus.Add("a").NextBeat = bus.Now;
        bus.RunUntil("a", NodeStatus.Alive).ShouldBeLessThan(50);
    }

    [Fact]
    public void Who_promises_no_interval_is_not_judged()
    {
        var bus = new SimulatedBus();
        bus.Send(new() { Node = "a", Incarnation = "i", Number = 1 });
        bus.Run(60_000);
        bus.Judge.Nodes.ShouldBeEmpty();
    }

    [Fact]
    public void A_changed_interval_is_learnt_at_once()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        bus.Run(30_000);
        node.Interval = 20_000;
        bus.Run(120_000);
        bus.Changes.ShouldBeEmpty();
        bus.Judge.SilenceOf(bus.Of("a")).ShouldBeLessThan(21_000_000);
    }

    [Fact]
    public void A_plain_timeout_judges_by_its_time_alone()
    {
        var bus = new SimulatedBus(SimulatedBus.Defaults with { Suspicion = new PlainTimeout(2_000_000, 8) });
        var node = bus.Add("a");
        bus.Run(10_010);
        node.Beats = false;
        bus.RunUntil("a", NodeStatus.Suspected).ShouldBeInRange(1_900, 2_300);
        bus.RunUntil("a", NodeStatus.Failed).ShouldBeInRange(7_500, 8_500);
    }

    [Fact]
    public void Unusable_names_and_numbers_are_dropped()
    {
        var bus = new SimulatedBus();
        var good = new Heartbeat { Node = "a", Incarnation = "i", Number = 1, IntervalMilliseconds = 1_000 };
        bus.Send(good with { Node = "" });
        bus.Send(good with { Node = new string('n', 257) });
        bus.Send(good with { Incarnation = "" });
        bus.Send(good with { Connection = new string('c', 257) });
        bus.Send(good with { Number = long.MinValue });
        bus.Send(good with { IntervalMilliseconds = -1 });
        bus.Send(good with { Node = SimulatedBus.Self });
        bus.Run(100);
        bus.Judge.Nodes.ShouldBeEmpty();
        bus.Send(good with { IntervalMilliseconds = long.MaxValue });
        bus.Run(100);
        bus.Judge.LevelOf(bus.Of("a")).ShouldBe(0, 1e-9);
    }

    [Fact]
    public void Nodes_are_bounded_and_the_longest_gone_make_room()
    {
        var bus = new SimulatedBus(SimulatedBus.Defaults with { MostNodes = 3 });
        var gone = bus.Add("gone");
        bus.Add("a");
        bus.Add("b");
        bus.Run(2_000);
        bus.Send(gone.Next(isLast: true));
        gone.Beats = false;
        bus.Run(1_000);
        bus.Judge.Tell(bus.Of("gone"), isTold: true);
        bus.Add("c");
        bus.Add("d");
        bus.Run(2_000);
        bus.Judge.Nodes.Select(node => node.Node).Order().ShouldBe(["a", "b", "c"]);
        bus.Judge.Overflow.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Who_is_gone_keeps_its_place_until_its_end_is_told()
    {
        var bus = new SimulatedBus(SimulatedBus.Defaults with { MostNodes = 2 });
        var gone = bus.Add("gone");
        bus.Add("a");
        bus.Run(2_000);
        bus.Judge.Tell(bus.Of("gone"), isTold: true);
        bus.Send(gone.Next(isLast: true));
        gone.Beats = false;
        bus.Run(1_000);
        bus.Add("b");
        bus.Run(2_000);
        bus.Judge.Nodes.Select(node => node.Node).ShouldBe(["a", "gone"]);

        bus.Judge.Tell(bus.Of("gone"), isTold: true);
        bus.Run(2_000);

        bus.Judge.Nodes.Select(node => node.Node).ShouldBe(["a", "b"]);
    }

    /// <summary>Who looked for a place in vain finds one as soon as there is one, again and again.</summary>
    [Fact]
    public void Each_node_that_ends_and_is_known_to_makes_room_for_one()
    {
        var bus = new SimulatedBus(SimulatedBus.Defaults with { MostNodes = 2 });
        SimulatedNode[] nodes = [bus.Add("a"), bus.Add("b"), bus.Add("c"), bus.Add("d"), bus.Add("e")];
        bus.Run(2_000);
        foreach (var (gone, left) in new[] { (0, "b c"), (1, "c d"), (2, "d e") })
        {
            bus.Send(nodes[gone].Next(isLast: true));
            nodes[gone].Beats = false;
            bus.Run(2_000);
            bus.Judge.Tell(bus.Judge.Nodes.First(), isTold: true);
            bus.Run(2_000);
            string.Join(' ', bus.Judge.Nodes.Select(node => node.Node)).ShouldBe(left);
        }
    }

    [Fact]
    public void More_nodes_than_there_are_places_are_counted_those_that_the_log_names_too()
    {
        var bus = new SimulatedBus(SimulatedBus.Defaults with { MostNodes = 1 });
        bus.Add("a");
        bus.Run(2_000);
        bus.Judge.Expect("b", "i1", 1_000, [], bus.Now * 1_000);
        (bus.Judge.Find("b"), bus.Judge.Overflow).ShouldBe((null, 1));
    }

    [Fact]
    public void Failed_nodes_are_forgotten_in_the_end()
    {
        var bus = new SimulatedBus(SimulatedBus.Defaults with { ForgetAfter = 120_000_000 });
        var node = bus.Add("a");
        bus.Add("b");
        bus.Run(5_000);
        node.Beats = false;
        bus.RunUntil("a", NodeStatus.Failed);
        bus.Run(100_000);
        bus.Judge.Find("a").ShouldNotBeNull();
        bus.Run(100_000);
        bus.Judge.Find("a").ShouldBeNull();
        bus.Judge.Find("b").ShouldNotBeNull();
    }
}
