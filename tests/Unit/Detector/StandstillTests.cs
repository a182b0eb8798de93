using CsCheck;
using Muster.Contracts.Detector;
using Muster.Detector.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Detector;

/// <summary>What makes a judge deaf makes nobody silent.</summary>
public sealed class StandstillTests
{
    /// <summary>The judge loses its link for 0.9 s; 0.7 s later the node's connection is closed.</summary>
    private static (SimulatedBus Bus, SimulatedNode Node) ClosedAfterTheOwn(SimulatedBus bus)
    {
        var node = bus.Add("a", interval: 250);
        bus.Run(20_000);
        bus.Judge.Link(isUp: false);
        bus.BrokerFlows = false;
        bus.Run(900);
        bus.BrokerFlows = true;
        bus.Judge.Link(isUp: true);
        bus.Run(700);
        Close(bus, node);
        return (bus, node);
    }

    private static void Close(SimulatedBus bus, SimulatedNode node)
    {
        node.Beats = false;
        bus.DeleteQueueOf(node);
    }

    private static void Reconnect(SimulatedBus bus, SimulatedNode node) =>
        (node.Beats, node.NextBeat, node.Connection) = (true, bus.Now, node.Connection + "+");

    private static SimulatedBus Busy(int nodes = 5)
    {
        var bus = new SimulatedBus();
        for (var i = 0; i < nodes; i++)
        {
            bus.Add("n" + i, phase: i * 170);
        }
        bus.Run(20_000);
        return bus;
    }

    [Fact]
    public void A_broker_that_stands_still_for_twenty_seconds_makes_nobody_silent()
    {
        var bus = Busy();
        bus.BrokerFlows = false;
        bus.Run(20_000);
        bus.Judge.IsJudging(bus.Now * 1_000).ShouldBeFalse();
        bus.BrokerFlows = true;
        bus.Run(60_000);
        bus.Judge.IsJudging(bus.Now * 1_000).ShouldBeTrue();
        bus.Changes.ShouldBeEmpty();
    }

    [Fact]
    public void A_judge_that_stood_still_itself_blames_nobody()
    {
        var bus = Busy();
        bus.JudgeRuns = false;
        bus.Run(20_000);
        bus.JudgeRuns = true;
        bus.Run(60_000);
        bus.Changes.ShouldBeEmpty();
    }

    [Fact]
    public void A_cut_link_makes_nobody_silent_and_its_closed_queues_are_no_evidence()
    {
        var bus = new SimulatedBus();
        var nodes = Enumerable.Range(0, 5).Select(i => bus.Add("n" + i, phase: i * 170)).ToList();
        bus.Run(20_000);
        // A stopping broker closes everybody's connection, and a little later the judge's own.
        nodes.ForEach(bus.DeleteQueueOf);
        bus.Run(100);
        bus.Judge.Link(isUp: false);
        bus.BrokerFlows = false;
        bus.Run(15_000);
        bus.BrokerFlows = true;
        bus.Judge.Link(isUp: true);
        bus.Run(60_000);
        bus.Changes.ShouldBeEmpty();
    }

    /// <summary>Brokers let go of connections one by one, and answer late while all come back.</summary>
    [Fact]
    public void Who_is_closed_after_the_judges_own_connection_has_the_time_to_come_back()
    {
        var (bus, node) = ClosedAfterTheOwn(new SimulatedBus());
        bus.Run(1_200);
        Reconnect(bus, node);
        bus.Run(20_000);
        bus.Changes.ShouldBeEmpty();
    }

    [Fact]
    public void Who_does_not_come_back_then_is_dead_a_few_seconds_later()
    {
        var (bus, _) = ClosedAfterTheOwn(new SimulatedBus());
        bus.RunUntil("a", NodeStatus.Failed).ShouldBeInRange(4_000, 4_800);
        bus.Of("a").Cause.ShouldBe(FailureCause.Dead);
    }

    /// <summary>A client is judged half a second after its connection was closed, in any fleet.</summary>
    [Theory]
    [InlineData(9)]
    [InlineData(12)]
    [InlineData(100)]
    public void Nodes_that_are_closed_in_a_row_have_the_time_although_the_judge_keeps_its_own(int count)
    {
        var bus = new SimulatedBus();
        var nodes = Enumerable.Range(0, count)
            .Select(i => bus.Add("n" + i, interval: 250, phase: i * 27 % 250)).ToList();
        bus.Run(20_000);
        for (var step = 0; step < count + 8; step++)
        {
            nodes.Skip(step).Take(1).ToList().ForEach(node => Close(bus, node));
            nodes.Skip(step - 8).Take(step < 8 ? 0 : 1).ToList().ForEach(node => Reconnect(bus, node));
            bus.Run(150);
        }
        bus.Run(20_000);
        bus.Changes.ShouldBeEmpty();
    }

    [Fact]
    public void Who_would_be_given_up_for_its_silence_before_all_is_calm_is_dead_then()
    {
        var (bus, _) = ClosedAfterTheOwn(new SimulatedBus(new()
        {
            Suspicion = new PhiAccrual(minimumDeviation: 100_000, acceptablePause: 1_000_000),
            AcceptablePause = 1_000_000,
            FailAfter = 3_000_000,
        }));
        bus.RunUntil("a", NodeStatus.Failed).ShouldBeInRange(2_500, 3_300);
        bus.Of("a").Cause.ShouldBe(FailureCause.Dead);
    }

    /// <summary>It is followed once it is known what became of it.</summary>
    [Fact]
    public void Who_is_started_again_before_all_is_calm_was_dead_too()
    {
        var (bus, node) = ClosedAfterTheOwn(new SimulatedBus());
        bus.Run(500);
        node.Restart("i2", bus.Now);
        bus.Run(8_000);
        bus.Of("a").Incarnation.ShouldBe("i2");
        bus.Of("a").CauseOf("i1").ShouldBe(FailureCause.Dead);
    }

    [Fact]
    public void After_a_standstill_who_does_not_come_back_is_found_as_ever()
    {
        var bus = new SimulatedBus();
        bus.Add("a");
        var dead = bus.Add("b");
        bus.Run(20_000);
        bus.BrokerFlows = false;
        bus.Run(20_000);
        dead.Beats = false;
        bus.BrokerFlows = true;
        bus.RunUntil("b", NodeStatus.Failed).ShouldBeInRange(9_500, 11_500);
        bus.Of("a").Status.ShouldBe(NodeStatus.Alive);
    }

    /// <summary>A stall is no heartbeat: who was suspected before stays so until it is heard.</summary>
    [Fact]
    public void A_standstill_clears_nobody()
    {
        var bus = new SimulatedBus();
        var node = bus.Add("a");
        bus.Run(20_000);
        node.Beats = false;
        bus.RunUntil("a", NodeStatus.Suspected);
        bus.BrokerFlows = false;
        bus.Run(20_000);
        bus.BrokerFlows = true;
        bus.Run(3_000);
        bus.Of("a").Status.ShouldBe(NodeStatus.Suspected);
        bus.RunUntil("a", NodeStatus.Failed);
    }

    [Fact]
    public void No_row_of_standstills_whatever_their_lengths_makes_anybody_silent() => Gen.Select(
        Gen.Int[0, 25_000], Gen.Int[0, 4_000], Gen.Bool).Array[1, 8].Sample(standstills =>
        {
            var bus = Busy(nodes: 3);
            foreach (var (length, between, isOwn) in standstills)
            {
                bus.BrokerFlows = isOwn;
                bus.JudgeRuns = !isOwn;
                bus.Run(length);
                bus.BrokerFlows = true;
                bus.JudgeRuns = true;
                bus.Run(between + 1_200);
            }
            bus.Changes.ShouldBeEmpty();
        }, iter: 60, threads: 2);

    [Fact]
    public void Most_nodes_silent_at_once_wait_twice_as_long_and_closed_connections_prove_nothing()
    {
        var bus = new SimulatedBus();
        var nodes = Enumerable.Range(0, 5).Select(i => bus.Add("n" + i, phase: i * 170)).ToList();
        bus.Run(20_000);
        foreach (var node in nodes.Take(3))
        {
            node.Beats = false;
            bus.DeleteQueueOf(node);
        }
        bus.RunUntil("n0", NodeStatus.Suspected).ShouldBeInRange(3_000, 5_500);
        bus.RunUntil("n0", NodeStatus.Failed).ShouldBeInRange(14_000, 17_500);
        bus.Of("n4").Status.ShouldBe(NodeStatus.Alive);
    }

    [Fact]
    public void Two_of_five_silent_at_once_are_no_mass()
    {
        var bus = new SimulatedBus();
        var nodes = Enumerable.Range(0, 5).Select(i => bus.Add("n" + i, phase: i * 170)).ToList();
        bus.Run(20_000);
        nodes.Take(2).ToList().ForEach(node => node.Beats = false);
        nodes.Take(2).ToList().ForEach(bus.DeleteQueueOf);
        bus.RunUntil("n0", NodeStatus.Failed).ShouldBeLessThan(2_500);
    }

    [Fact]
    public void Nodes_that_die_one_after_the_other_are_no_mass()
    {
        var bus = new SimulatedBus(SimulatedBus.Defaults with { MassSilenceFactor = 100 });
        var nodes = Enumerable.Range(0, 3).Select(i => bus.Add("n" + i, phase: i * 170)).ToList();
        bus.Run(20_000);
        nodes[0].Beats = false;
        bus.Run(5_000);
        nodes[1].Beats = false;
        bus.RunUntil("n0", NodeStatus.Failed).ShouldBeLessThan(6_500);
        bus.RunUntil("n1", NodeStatus.Failed).ShouldBeLessThan(6_500);
    }
}
