using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Replication.Simulation;
using Shouldly;
using Xunit;
using static Muster.Unit.Tests.Replication.Simulation.CoreBench;

namespace Muster.Unit.Tests.Replication;

/// <summary>
/// A replica that was stopped has commands in hand that another has meanwhile done and the machine forgotten.
/// </summary>
public sealed class StandstillTests
{
    private const long Standstill = 3_000;

    [Fact]
    public void What_a_replica_has_in_hand_after_a_standstill_is_in_doubt_and_not_proposed()
    {
        var bench = Live(options => options with { StandstillMilliseconds = Standstill });

        bench.Now = Standstill + 1;
        bench.Submit("old").Of<ProposeEntries>().ShouldBeEmpty();

        bench.Last.Unknown.ShouldHaveSingleItem().Id.ShouldBe("old");
        bench.View.WaitingCommands.ShouldBe(0);
    }

    [Fact]
    public void The_doubt_lasts_as_long_again_whatever_is_stepped_first()
    {
        var bench = Live(options => options with { StandstillMilliseconds = Standstill });

        bench.StepAt(Standstill + 1);
        bench.Now = 2 * Standstill;
        bench.Submit("still old").Of<ProposeEntries>().ShouldBeEmpty();
        bench.Now = 2 * Standstill + 1;
        bench.Submit("new").Of<ProposeEntries>().Count.ShouldBe(1);
    }

    [Fact]
    public void An_idle_replica_steps_often_enough_to_take_the_next_command()
    {
        for (var steps = 1; steps <= 60; steps++)
        {
            var bench = Live(options => options with { StandstillMilliseconds = Standstill });
            for (var step = 0; step < steps; step++)
            {
                bench.StepAt(bench.NextDeadline + 1); // no timer is exact
            }

            // It asked who leads meanwhile and needs no answer to that: the leader it knows is good until
            // refused.
            bench.Submit("a");
            bench.Last.Unknown.ShouldBeEmpty($"at {bench.Now} ms");
        }
    }

    [Fact]
    public void A_proposal_is_as_old_as_its_oldest_command()
    {
        var bench = Live(options => options with { MaxInflightProposals = 1 });
        var first = bench.Submit("first").Of<ProposeEntries>().Single();
        bench.Commit(Empty(2, logTime: 1_000));
        bench.Now = 100;
        bench.Submit("second");
        bench.Now = 400;

        var second = bench.Commit(Command(3, first.Payload(), logTime: 1_300)).Of<ProposeEntries>().Single();

        second.Envelope().IssuedAt.ShouldBe(bench.Machine.Time - 300);
    }
}
