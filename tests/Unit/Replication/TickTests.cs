using Muster.Contracts.Consensus;
using Muster.Replication.Core;
using Muster.Unit.Tests.Replication.Simulation;
using Shouldly;
using Xunit;
using static Muster.Unit.Tests.Replication.Simulation.CoreBench;

namespace Muster.Unit.Tests.Replication;

public sealed class TickTests
{
    [Fact]
    public void A_machine_without_deadlines_gets_no_ticks()
    {
        var bench = Live();
        bench.StepAt(2_000).ShouldBeEmpty();
    }

    [Fact]
    public void A_tick_is_proposed_when_the_deadline_has_passed_and_one_at_a_time()
    {
        var bench = WithDeadline(300);
        bench.NextDeadline.ShouldBe(300);
        bench.StepAt(299).ShouldBeEmpty();
        var tick = bench.StepAt(300).Of<ProposeEntries>().Single();
        tick.Envelope().IsTick.ShouldBeTrue();
        bench.StepAt(900).Of<ProposeEntries>().ShouldBeEmpty("one is in flight");

        bench.Commit(Command(3, tick.Payload(), logTime: 300));
        bench.Machine.Expired.ShouldBe(1);
        bench.StepAt(5_000).Of<ProposeEntries>().ShouldBeEmpty("there is no deadline any more");
    }

    [Fact]
    public void A_far_deadline_gets_a_tick_each_second_and_any_entry_does_as_well()
    {
        var bench = WithDeadline(60_000);
        bench.StepAt(400);
        bench.Commit(Empty(3, logTime: 400));
        bench.StepAt(1_399).Of<ProposeEntries>().ShouldBeEmpty();
        bench.StepAt(1_400).Of<ProposeEntries>().Count.ShouldBe(1);
    }

    [Fact]
    public void A_lost_tick_is_proposed_anew_after_a_second()
    {
        var bench = WithDeadline(300);
        var first = bench.StepAt(300).Of<ProposeEntries>().Single();
        bench.StepAt(1_299).Of<ProposeEntries>().ShouldBeEmpty();
        var second = bench.StepAt(1_300).Of<ProposeEntries>().Single();
        second.Envelope().Number.ShouldBeGreaterThan(first.Envelope().Number);
    }

    [Fact]
    public void Replicas_add_a_delay_of_their_own()
    {
        var delays = Enumerable.Range(0, 50).Select(number => new TickSchedule(new ReplicaOptions
        {
            Group = Group,
            Origin = $"lock.{number}",
            TickSlackMilliseconds = 20,
        }).DueAt(0, 0)).ToList();

        delays.ShouldAllBe(delay => delay >= 0 && delay <= 20);
        delays.Distinct().Count().ShouldBeGreaterThan(10);
    }

    [Fact]
    public void Three_replicas_expire_everything_with_few_ticks()
    {
        var options = new ReplicaOptions { Group = Group, Origin = "template", DigestEveryEntries = 0 };
        var world = new SimulatedWorld(1, 3, options, () => new TestMachine(lifetimeMilliseconds: 5_000));
        world.Run(1_000);
        world.Submit(world.Replicas[0], "a");
        world.Run(30_000);

        foreach (var replica in world.Replicas)
        {
            replica.Machine.Expired.ShouldBe(1);
            // The leader's empty entry, the command, and about a tick a second until the deadline.
            replica.Applied.Value.ShouldBeInRange(6, 14);
        }
    }

    /// <summary>A machine at time 0 with one deadline, its command applied at index 2.</summary>
    private static CoreBench WithDeadline(long lifetime)
    {
        var bench = Live(machine: new TestMachine(lifetimeMilliseconds: lifetime));
        var sent = bench.Submit("a").Of<ProposeEntries>().Single();
        bench.Commit(Command(2, sent.Payload()));
        bench.Machine.NextDeadline.ShouldBe(lifetime);
        return bench;
    }
}
