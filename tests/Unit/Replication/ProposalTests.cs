using Muster.Contracts.Consensus;
using Muster.Replication.Core;
using Muster.Unit.Tests.Replication.Simulation;
using Shouldly;
using Xunit;
using static Muster.Unit.Tests.Replication.Simulation.CoreBench;

namespace Muster.Unit.Tests.Replication;

public sealed class ProposalTests
{
    private static readonly LeaderElected N2Elected =
        new() { Group = Group, LogId = Log, Leader = new("n2"), Term = new(2) };

    [Fact]
    public void An_idle_replica_proposes_at_once_and_gathers_when_enough_is_in_flight()
    {
        var bench = Live(options => options with { MaxInflightProposals = 2, MaxBatchCommands = 3 });

        var first = bench.Submit("a").Of<ProposeEntries>().Single();
        bench.Submit("b").Of<ProposeEntries>().Count.ShouldBe(1);
        bench.Submit("c", "d").ShouldBeEmpty();
        bench.Submit("e", "f").ShouldBeEmpty();
        bench.View.WaitingCommands.ShouldBe(4);

        var third = bench.Commit(Command(2, first.Payload())).Of<ProposeEntries>().Single();
        third.Envelope().Number.ShouldBe(3);
        third.Envelope().Body.ToArray().ShouldBe(TestMachine.Encode([new("c", 1), new("d", 1), new("e", 1)]));
    }

    [Fact]
    public void A_proposal_names_the_spans_of_its_own_commands_each_once_and_at_each_sending()
    {
        var bench = Live(options => options with { MaxBatchCommands = 3, ResendMilliseconds = 100 });
        TestCommand[] commands = [new("a", 1), new("b", 1), new("c", 1), new("d", 1), new("e", 1)];

        var sent = bench.Step(new CommandsSubmitted<TestCommand>(commands)
        {
            TraceParents = [null, "x", "x", "y", null],
        }).Of<ProposeEntries>();
        var untraced = bench.Submit("f").Of<ProposeEntries>().Single();

        sent.Select(one => one.Message.TraceParents).ShouldBe([["x"], ["y"]]);
        untraced.Message.TraceParents.ShouldBeNull();
        bench.StepAt(100).Of<ProposeEntries>().Select(one => one.Message.TraceParents)
            .ShouldBe([["x"], ["y"], null]);
    }

    [Fact]
    public void A_batch_that_encodes_to_too_much_is_halved()
    {
        var limit = TestMachine.Encode([new("a", 1), new("b", 1)]).Length;
        var bench = Live(options => options with { MaxBatchBytes = limit });

        var sent = bench.Submit("a", "b", "c", "d", "e").Of<ProposeEntries>();
        sent.Select(send => send.Envelope().Body.Length).ShouldAllBe(length => length <= limit);
        sent.Count.ShouldBe(3);
        bench.View.WaitingCommands.ShouldBe(0);
    }

    [Fact]
    public void A_proposal_is_sent_again_unchanged_even_when_machine_time_has_moved_on()
    {
        var bench = Live();
        var first = bench.Submit("a").Of<ProposeEntries>().Single();
        bench.Commit(Empty(2, logTime: 1_500));
        bench.Machine.Time.ShouldBe(1_500);

        bench.StepAt(999).Of<ProposeEntries>().ShouldBeEmpty();
        var again = bench.StepAt(1_000).Of<ProposeEntries>().Single();
        again.Payload().ShouldBe(first.Payload());
        again.Envelope().IssuedAt.ShouldBe(0);
        again.Message.ProposalId.ShouldBe(first.Message.ProposalId);
    }

    [Fact]
    public void A_new_term_gets_everything_unanswered_in_order()
    {
        var bench = Live();
        bench.Submit("a");
        bench.Submit("b");

        var again = bench.Step(
            new LeaderElectedReceived(N2Elected))
            .Of<ProposeEntries>();
        again.Select(send => (send.To, send.Envelope().Number)).ShouldBe([("n2", 1), ("n2", 2)]);
        bench.Step(new LeaderElectedReceived(N2Elected))
            .ShouldBeEmpty("the same leader and term are no news");
    }

    [Fact]
    public void A_refusal_of_a_node_that_does_not_lead_is_followed_once()
    {
        var bench = Live();
        bench.Submit("a");
        bench.Submit("b");

        var again = bench.Refuse("p1", ConsensusRefusal.NotLeader, "n3", 2);
        again.Of<ProposeEntries>().Select(send => send.To).ShouldBe(["n3", "n3"]);
        bench.Refuse("p2", ConsensusRefusal.NotLeader, "n3", 2).Of<ProposeEntries>().ShouldBeEmpty();
        bench.Refuse("p2", ConsensusRefusal.NotLeader, "n2", 1)
            .Of<ProposeEntries>().ShouldBeEmpty("it is old news");
    }

    [Fact]
    public void Overload_is_met_by_waiting_twice_as_long_each_time()
    {
        var bench = Live();
        bench.Submit("a");
        bench.Refuse("p1", ConsensusRefusal.Overloaded).ShouldBeEmpty();
        bench.Submit("b").ShouldBeEmpty();
        bench.NextDeadline.ShouldBe(50);

        bench.StepAt(50).Of<ProposeEntries>().Select(send => send.Envelope().Number).ShouldBe([1, 2]);
        bench.Refuse("p1", ConsensusRefusal.Overloaded);
        bench.Refuse("p2", ConsensusRefusal.Overloaded);
        bench.StepAt(149).ShouldBeEmpty();
        bench.StepAt(150).Of<ProposeEntries>().Count.ShouldBe(2);
    }

    [Fact]
    public void Each_command_is_unknown_at_its_own_timeout_and_once()
    {
        var bench = Live(options => options with { MaxInflightProposals = 1 });
        bench.Submit("blocker");
        bench.StepAt(100);
        bench.Submit("a");
        bench.StepAt(200);
        bench.Submit("b");

        bench.StepAt(10_000);
        bench.Last.Unknown.Select(command => command.Id).ShouldBe(["blocker"]);
        bench.Last.Sends.Of<ProposeEntries>().Single().Envelope().Number.ShouldBe(2);
        bench.StepAt(10_100);
        bench.Last.Unknown.Select(command => command.Id).ShouldBe(["a"]);
        bench.StepAt(10_200);
        bench.Last.Unknown.Select(command => command.Id).ShouldBe(["b"]);
        bench.StepAt(11_300).Of<ProposeEntries>().ShouldBeEmpty("nobody waits for it any more");
        bench.View.InflightProposals.ShouldBe(0);
    }

    [Fact]
    public void An_entry_that_comes_after_its_commands_were_given_up_still_has_its_effects()
    {
        var bench = Live();
        var sent = bench.Submit("a").Of<ProposeEntries>().Single();
        bench.StepAt(10_000);
        bench.Last.Unknown.Count.ShouldBe(1);

        bench.Commit(Command(2, sent.Payload()));
        bench.Last.Applied.Single().Own.ShouldBeTrue();
        bench.Last.Applied.Single().Effects.ShouldBe([new TestEffect("a", TestOutcome.Added, 1)]);
        bench.Last.Unknown.ShouldBeEmpty();
    }

    [Fact]
    public void A_second_copy_in_the_log_is_the_machines_to_drop()
    {
        var bench = Live();
        var sent = bench.Submit("a").Of<ProposeEntries>().Single();
        bench.Commit(Command(2, sent.Payload()), Command(3, sent.Payload()));
        bench.Last.Applied.SelectMany(applied => applied.Effects).Select(effect => effect.Outcome)
            .ShouldBe([TestOutcome.Added, TestOutcome.Repeated]);
        bench.View.InflightProposals.ShouldBe(0);
        bench.StepAt(20_000);
        bench.Last.Unknown.ShouldBeEmpty();
    }

    [Fact]
    public void More_than_the_limit_is_refused_and_not_in_doubt()
    {
        var bench = Live(options => options with { MaxPendingCommands = 2 });
        bench.Submit("a", "b", "c");
        bench.Last.Overloaded.Select(command => command.Id).ShouldBe(["c"]);
        bench.Last.Unknown.ShouldBeEmpty();
    }

    [Fact]
    public void A_payload_over_the_limit_is_not_tried_again()
    {
        var bench = Live();
        bench.Submit("a");
        bench.Refuse("p1", ConsensusRefusal.PayloadTooLarge);
        bench.Last.Unknown.Select(command => command.Id).ShouldBe(["a"]);
        bench.StepAt(1_000).Of<ProposeEntries>().ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_proposed_before_the_machine_is_up()
    {
        var bench = new CoreBench();
        bench.Step(new GroupDescribed(Description("n1", 1, commit: 1)));
        bench.Submit("a").Of<ProposeEntries>().ShouldBeEmpty();
    }
}
