using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;
using Muster.Unit.Tests.Replication.Simulation;
using Shouldly;
using Xunit;
using static Muster.Unit.Tests.Replication.Simulation.CoreBench;

namespace Muster.Unit.Tests.Replication;

public sealed class CatchUpTests
{
    [Fact]
    public void The_start_asks_everybody_for_the_leader_then_it_for_snapshot_and_entries()
    {
        var bench = new CoreBench();
        bench.Step().ShouldHaveSingleItem().ToAll.ShouldBeTrue();
        bench.NextDeadline.ShouldBe(200);
        bench.StepAt(200).Of<DescribeGroup>().Count.ShouldBe(1);

        bench.Step(new GroupDescribed(Description("n2", 3, commit: 9)))
            .Of<ReadSnapshot>().Single().To.ShouldBe("n2");
        var other = new TestMachine();
        other.Apply(new AppliedEntry { Index = new(7), LogTime = 77 });
        var snapshot = new GroupSnapshot { Index = new(7), Payload = ImageOf(other) };
        var read = bench.Step(new SnapshotReadReceived(new()
        {
            Group = Group,
            LogId = Log,
            RequestId = bench.IdOf<ReadSnapshot>(),
            Snapshot = snapshot,
        }));
        bench.Machine.Time.ShouldBe(77);
        read.Of<ReadEntries>().Single().Message.FromIndex.ShouldBe(new LogIndex(8));

        Read(bench, [Empty(8)], 9).Of<ReadEntries>().Single().Message.FromIndex.ShouldBe(new LogIndex(9));
        bench.Last.IsCaughtUp.ShouldBeFalse();
        Read(bench, [Empty(9)], 9);
        bench.Last.IsCaughtUp.ShouldBeTrue();
    }

    [Fact]
    public void The_longest_election_time_out_of_those_that_told_theirs_is_known()
    {
        var bench = new CoreBench();
        bench.Step();
        bench.View.ElectionMaxMilliseconds.ShouldBe(0);

        foreach (var (node, longest) in new[] { ("n2", 900L), ("n1", 1_500), ("n3", 0) })
        {
            bench.Step(new GroupDescribed(
                Description(node, 1, commit: 1) with { ElectionMaxMilliseconds = longest }));
        }

        bench.View.ElectionMaxMilliseconds.ShouldBe(1_500);
    }

    [Fact]
    public void A_gap_is_filled_after_a_moment()
    {
        var bench = Live();
        bench.StepAt(500);
        bench.Commit(Empty(3)).Of<ReadEntries>().ShouldBeEmpty();
        bench.NextDeadline.ShouldBe(550);
        var asked = bench.StepAt(550).Of<ReadEntries>().Single();
        var expected = new ReadEntries
        {
            Group = Group,
            LogId = Log,
            RequestId = asked.Message.RequestId,
            FromIndex = new(2),
            Protocol = ConsensusProtocol.Spoken,
        };
        asked.ShouldBe(("n1", expected));

        Read(bench, [Empty(2)], 3).ShouldBeEmpty();
        bench.Last.Applied.Select(applied => applied.Index.Value).ShouldBe([2, 3]);
    }

    [Fact]
    public void A_message_that_was_only_late_is_not_asked_for()
    {
        var bench = Live();
        bench.Commit(Empty(3));
        bench.Now = 49;
        bench.Commit(Empty(2));
        bench.StepAt(60).Of<ReadEntries>().ShouldBeEmpty();
    }

    [Fact]
    public void A_lost_last_message_is_noticed_by_the_repeated_commit_index()
    {
        var bench = Live();
        bench.Announce(2);
        bench.StepAt(50).Of<ReadEntries>().Single().Message.FromIndex.ShouldBe(new LogIndex(2));
    }

    [Fact]
    public void Without_an_answer_the_next_node_is_asked()
    {
        var bench = Live();
        bench.Announce(2);
        var asked = new List<string>();
        for (var now = 50; now < 3_000; now += 50)
        {
            bench.Now = now;
            bench.Announce(2);
            asked.AddRange(bench.Last.Sends.Of<ReadEntries>().Select(send => send.To));
        }
        asked.ShouldBe(["n1", "n2", "n3"]);
        bench.Last.IsCaughtUp.ShouldBeFalse();
    }

    /// <summary>One that waits to be added knows of itself alone, and has nothing to answer.</summary>
    [Fact]
    public void A_node_that_is_no_member_is_not_the_only_one_that_is_asked()
    {
        var bench = Live();
        bench.Step(new GroupDescribed(new() { Group = Group, LogId = Log, Node = new("n9") }));
        bench.Announce(2);
        var asked = new List<string>();
        for (var now = 50; asked.Count < 4; now += 50)
        {
            bench.StepAt(now);
            asked.AddRange(bench.Last.Sends.Of<ReadEntries>().Select(send => send.To));
            if (bench.Last.Sends.Of<ReadEntries>().Count > 0) Read(bench, [], 2);
        }
        asked.ShouldBe(["n1", "n9", "n1", "n9"]);
    }

    [Fact]
    public void Compacted_entries_come_as_a_snapshot()
    {
        var bench = Live();
        bench.Announce(5);
        bench.StepAt(50);
        bench.Refuse(bench.IdOf<ReadEntries>(), ConsensusRefusal.Compacted)
            .Of<ReadSnapshot>().Count.ShouldBe(1);

        var payload = ImageOf(new TestMachine());
        bench.Step(new SnapshotReadReceived(new()
        {
            Group = Group,
            LogId = Log,
            RequestId = bench.IdOf<ReadSnapshot>(),
            Snapshot = new() { Index = new(4), Payload = payload },
        }));
        bench.Last.AppliedIndex.ShouldBe(new LogIndex(4));
        bench.IdOf<ReadEntries>().ShouldNotBeEmpty();
    }

    [Fact]
    public void A_snapshot_that_helps_nothing_is_not_asked_for_in_a_tight_loop()
    {
        var bench = Live();
        bench.Announce(5);
        bench.StepAt(50);
        bench.Refuse(bench.IdOf<ReadEntries>(), ConsensusRefusal.Compacted);
        var nothing =
            new SnapshotRead { Group = Group, LogId = Log, RequestId = bench.IdOf<ReadSnapshot>() };
        bench.Step(new SnapshotReadReceived(nothing)).ShouldBeEmpty();
        bench.StepAt(100).Of<ReadEntries>().Single().To.ShouldBe("n2");
    }

    [Fact]
    public void A_silent_leader_is_asked_for()
    {
        var bench = Live();
        bench.StepAt(2_999).ShouldBeEmpty();
        bench.StepAt(3_000).Of<DescribeGroup>().Count.ShouldBe(1);
        bench.Step(new GroupDescribed(Description("n1", 1, commit: 2)));
        bench.StepAt(3_050).Of<ReadEntries>().Count.ShouldBe(1);
    }

    private static List<ReplicaSend> Read(CoreBench bench, LogEntry[] entries, long commit) =>
        bench.Step(new EntriesReadReceived(new()
        {
            Group = Group,
            LogId = Log,
            RequestId = bench.IdOf<ReadEntries>(),
            Entries = entries,
            CommitIndex = new(commit),
        }));
}
