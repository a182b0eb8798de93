using Muster.Contracts.Consensus;
using Muster.Replication.Core;
using Muster.Unit.Tests.Replication.Simulation;
using Shouldly;
using Xunit;
using static Muster.Unit.Tests.Replication.Simulation.CoreBench;

namespace Muster.Unit.Tests.Replication;

public sealed class ReadTests
{
    [Fact]
    public void A_read_waits_until_the_machine_has_reached_the_index()
    {
        var bench = Live();
        bench.Step(new ReadRequested(1)).Of<ReadIndex>().Single().To.ShouldBe("n1");
        Found(bench, "r1", 3);
        bench.Last.ReadsReady.ShouldBeEmpty();

        bench.Commit(Empty(2));
        bench.Last.ReadsReady.ShouldBeEmpty();
        bench.Commit(Empty(3));
        bench.Last.ReadsReady.ShouldBe([1]);
        bench.View.OpenReads.ShouldBe(0);
    }

    [Fact]
    public void A_read_that_came_after_the_question_waits_for_the_next_one()
    {
        var bench = Live();
        bench.Step(new ReadRequested(1));
        bench.Step(new ReadRequested(2), new ReadRequested(3)).ShouldBeEmpty();

        var next = Found(bench, "r1", 1);
        bench.Last.ReadsReady.ShouldBe([1]);
        next.Of<ReadIndex>().Single().Message.RequestId.ShouldBe("r2");
        Found(bench, "r2", 1);
        bench.Last.ReadsReady.ShouldBe([2, 3]);
    }

    [Fact]
    public void A_question_put_again_has_a_new_id_and_the_old_answer_counts_no_more()
    {
        var bench = Live();
        bench.Step(new ReadRequested(1));
        bench.StepAt(500, new ReadRequested(2));
        bench.StepAt(1_000).Of<ReadIndex>().Single().Message.RequestId.ShouldBe("r2");

        Found(bench, "r1", 1);
        bench.Last.ReadsReady.ShouldBeEmpty("the second read came after that question");
        Found(bench, "r2", 1);
        bench.Last.ReadsReady.ShouldBe([1, 2]);
    }

    [Fact]
    public void A_new_leader_is_asked_again()
    {
        var bench = Live();
        bench.Step(new ReadRequested(1));
        var again = bench.Refuse("r1", ConsensusRefusal.NotLeader, "n2", 2).Of<ReadIndex>().Single();
        again.To.ShouldBe("n2");
        again.Message.RequestId.ShouldBe("r2");
    }

    [Fact]
    public void A_refusal_without_a_new_leader_is_met_by_waiting()
    {
        var bench = Live();
        bench.Step(new ReadRequested(1));
        bench.Refuse("r1", ConsensusRefusal.Overloaded).Of<ReadIndex>().ShouldBeEmpty();
        bench.StepAt(50).Of<ReadIndex>().Count.ShouldBe(1);
    }

    [Fact]
    public void A_read_without_an_answer_is_unknown_in_the_end()
    {
        var bench = Live();
        bench.Step(new ReadRequested(1));
        Found(bench, "r1", 5);
        bench.StepAt(200, new ReadRequested(2));
        bench.StepAt(10_000);
        bench.Last.ReadsUnknown.ShouldBe([1]);
        bench.StepAt(10_200);
        bench.Last.ReadsUnknown.ShouldBe([2]);
        bench.View.OpenReads.ShouldBe(0);
    }

    [Fact]
    public void Reads_are_bounded()
    {
        var bench = Live(options => options with { MaxPendingCommands = 2 });
        bench.Step(new ReadRequested(1), new ReadRequested(2), new ReadRequested(3));
        bench.Last.ReadsUnknown.ShouldBe([3]);
    }

    private static List<ReplicaSend> Found(CoreBench bench, string requestId, long index) =>
        bench.Step(new ReadIndexFoundReceived(new()
        {
            Group = Group,
            LogId = Log,
            RequestId = requestId,
            Index = new(index),
            Term = new(1),
        }));
}
