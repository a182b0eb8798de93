using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;
using Muster.Unit.Tests.Replication.Simulation;
using Shouldly;
using Xunit;
using static Muster.Unit.Tests.Replication.Simulation.CoreBench;

namespace Muster.Unit.Tests.Replication;

/// <summary>The consensus nodes were wiped and bootstrapped anew under a running replica.</summary>
public sealed class LogReplacementTests
{
    private const string Younger = "log-6";
    private const string Older = "log-4";

    [Fact]
    public void A_leader_of_a_younger_log_makes_the_replica_start_from_nothing()
    {
        var bench = WithOneCommand();
        bench.Submit("open");
        bench.Step(new ReadRequested(7));
        bench.Step(Elected(Younger));

        bench.Machines.Count.ShouldBe(2);
        bench.Machine.AddedIds.ShouldBeEmpty();
        (bench.Last.LogId, bench.Last.AppliedIndex).ShouldBe((Younger, LogIndex.Zero));
        bench.Last.Unknown.Select(command => command.Id).ShouldBe(["open"]);
        bench.Last.ReadsUnknown.ShouldBe([7]);
        bench.Last.IsCaughtUp.ShouldBeFalse();
        bench.View.InflightProposals.ShouldBe(0);

        // It begins as a new replica would: a snapshot first, and of this log only.
        var asked = bench.Last.Sends.Of<ReadSnapshot>().Single();
        (asked.To, asked.Message.LogId).ShouldBe(("n9", Younger));
        bench.Last.Sends.Of<ProposeEntries>().ShouldBeEmpty();
    }

    [Fact]
    public void Entries_of_the_younger_log_are_applied_from_its_first_on()
    {
        var bench = WithOneCommand();
        bench.Step(Committed(Younger, Empty(1), Empty(2)));
        bench.Last.AppliedIndex.ShouldBe(new LogIndex(2));
        bench.Last.Applied.ShouldAllBe(applied => applied.LogId == Younger);
        bench.Machine.Time.ShouldBe(0);
    }

    [Fact]
    public void What_the_old_log_still_says_is_dropped_and_there_is_no_way_back()
    {
        var bench = WithOneCommand();
        bench.Step(Elected(Younger));
        bench.Step(Committed(Younger, Empty(1)));
        foreach (var late in OfOneLog(Log))
        {
            bench.Step(late);
            bench.Last.AppliedIndex.ShouldBe(new LogIndex(1), $"{late}");
            (bench.View.LogId, bench.View.Leader).ShouldBe((Younger, new NodeId("n9")), $"{late}");
        }
        bench.Machines.Count.ShouldBe(2);
        bench.View.IgnoredLogId.ShouldBe(Log);
        bench.View.CommitIndex.ShouldBe(new LogIndex(1));
    }

    [Fact]
    public void Two_live_logs_do_not_pull_a_replica_to_and_fro()
    {
        var bench = WithOneCommand();
        for (var round = 0; round < 5; round++)
        {
            bench.Step(Committed(Younger, Empty(round + 1)));
            bench.Step(Committed(Log, Empty(round + 3)));
            bench.Step(Elected(Older));
        }
        bench.Machines.Count.ShouldBe(2);
        (bench.Last.LogId, bench.Last.AppliedIndex).ShouldBe((Younger, new LogIndex(5)));
    }

    [Fact]
    public void A_replica_that_met_the_old_log_first_ends_on_the_younger_all_the_same()
    {
        var bench = new CoreBench();
        bench.Step();
        bench.Step(Committed(Older, Empty(1)));
        bench.View.LogId.ShouldBe(Older);
        bench.Step(Elected(Younger));
        bench.Step(Committed(Older, Empty(2)));
        (bench.Last.LogId, bench.Last.AppliedIndex).ShouldBe((Younger, LogIndex.Zero));
    }

    [Fact]
    public void A_node_that_does_not_lead_moves_nobody()
    {
        var bench = WithOneCommand();
        var follower = Description("n9", 9, commit: 9) with { LogId = Younger, Role = RaftRole.Follower };
        foreach (var input in OfOneLog(Younger).Where(input => !IsByLeader(input))
            .Append(new GroupDescribed(follower)))
        {
            bench.Step(input);
        }
        bench.Machines.Count.ShouldBe(1);
        (bench.View.LogId, bench.View.Leader, bench.View.CommitIndex.Value).ShouldBe((Log, new("n1"), 2));
    }

    [Fact]
    public void Nor_does_it_hold_a_replica_that_starts_which_follows_the_first_leader()
    {
        var bench = new CoreBench();
        bench.Step();
        var follower = Description("n9", 9, commit: 9) with { LogId = Younger, Role = RaftRole.Follower };
        foreach (var input in OfOneLog(Younger).Where(input => !IsByLeader(input))
            .Append(new GroupDescribed(follower)))
        {
            bench.Step(input);
        }
        bench.View.LogId.ShouldBeEmpty();
        bench.Step(new GroupDescribed(follower with { Term = new(99), ElectionMaxMilliseconds = 1_500 }));
        bench.Step(Committed(Log, Empty(1)));
        bench.View.ElectionMaxMilliseconds.ShouldBe(1_500, "nodes tell it before any of them leads");
        (bench.Last.LogId, bench.Last.AppliedIndex).ShouldBe((Log, new LogIndex(1)));
    }

    [Fact]
    public void What_names_no_log_is_not_taken_for_the_followed_one()
    {
        var bench = WithOneCommand();
        foreach (var input in OfOneLog("").Where(input => input is not RefusedReceived))
        {
            bench.Step(input);
            bench.Last.AppliedIndex.ShouldBe(new LogIndex(2), $"{input}");
        }
        bench.View.CommitIndex.ShouldBe(new LogIndex(2));
        bench.View.Leader.ShouldBe(new NodeId("n1"));
    }

    [Fact]
    public void A_refusal_by_a_node_of_another_log_makes_the_replica_ask_who_leads()
    {
        var bench = Live();
        bench.StepAt(500);
        bench.Announce(9);
        bench.StepAt(550);
        var refused = bench.Step(new RefusedReceived(new()
        {
            Group = Group,
            LogId = Younger,
            RequestId = bench.IdOf<ReadEntries>(),
            Reason = ConsensusRefusal.OtherLog,
            LeaderHint = new("n9"),
            Term = new(99),
        }));
        refused.Of<DescribeGroup>().Count.ShouldBe(1);
        bench.View.Leader.ShouldBe(new NodeId("n1"));
        bench.StepAt(600).Of<ReadEntries>().Single().To.ShouldBe("n2");

        bench.Step(new GroupDescribed(Description("n9", 1, commit: 1) with { LogId = Younger }));
        bench.Last.LogId.ShouldBe(Younger);
    }

    [Fact]
    public void Every_request_but_the_question_who_leads_names_the_log()
    {
        var bench = Live(options => options with { SnapshotEveryEntries = 2 });
        bench.Submit("a").Of<ProposeEntries>().Single().Message.LogId.ShouldBe(Log);
        bench.Step(new ReadRequested(1)).Of<ReadIndex>().Single().Message.LogId.ShouldBe(Log);
        bench.Commit(Empty(2)).Of<StoreSnapshot>().Single().Message.LogId.ShouldBe(Log);
        bench.Announce(9);
        bench.StepAt(50).Of<ReadEntries>().Single().Message.LogId.ShouldBe(Log);
    }

    [Fact]
    public void Proposals_to_the_new_log_have_numbers_that_the_old_one_never_saw()
    {
        var bench = Live();
        var old = bench.Submit("a").Of<ProposeEntries>().Single().Envelope();
        bench.Step(Elected(Younger));
        bench.Step(new SnapshotReadReceived(
            new() { Group = Group, LogId = Younger, RequestId = bench.IdOf<ReadSnapshot>() }));
        bench.Step(new EntriesReadReceived(new()
        {
            Group = Group,
            LogId = Younger,
            RequestId = bench.IdOf<ReadEntries>(),
            Entries = [Empty(1)],
            CommitIndex = new(1),
        }));
        var sent = bench.Submit("b").Of<ProposeEntries>().Single();
        (sent.To, sent.Message.LogId).ShouldBe(("n9", Younger));
        sent.Envelope().Number.ShouldBeGreaterThan(old.Number);
    }

    [Fact]
    public void A_command_that_no_entry_can_hold_is_refused_and_the_next_one_goes_on()
    {
        var bench = Live(options => options with { MaxBatchBytes = 64, MaxEntryBytes = 128 });
        bench.Submit("before", new string('x', 200), "after");
        bench.Last.TooLarge.Select(command => command.Id.Length).ShouldBe([200]);
        bench.Last.Unknown.ShouldBeEmpty();
        bench.Last.Sends.Of<ProposeEntries>().Count.ShouldBe(2);
    }

    private static CoreBench WithOneCommand()
    {
        var bench = Live();
        bench.Commit(Command(2, bench.Submit("a").Of<ProposeEntries>().Single().Payload()));
        bench.Machine.AddedIds.ShouldBe(["a"]);
        return bench;
    }

    private static LeaderElectedReceived Elected(string log) =>
        new(new() { Group = Group, LogId = log, Leader = new("n9"), Term = new(1) });

    private static EntriesCommittedReceived Committed(string log, params LogEntry[] entries) => new(new()
    {
        Group = Group,
        LogId = log,
        Leader = new("n9"),
        Term = new(1),
        Entries = entries,
        CommitIndex = entries[^1].Index,
    });

    /// <summary>All that nodes of one log can say, with everything in it that could lead astray.</summary>
    private static IEnumerable<ReplicaInput> OfOneLog(string log) =>
    [
        Committed(log, Empty(2), Empty(3)),
        Elected(log),
        new EntriesReadReceived(new()
        {
            Group = Group, LogId = log, RequestId = "c1", Entries = [Empty(3)], CommitIndex = new(50),
        }),
        new SnapshotReadReceived(new()
        {
            Group = Group, LogId = log, RequestId = "c1",
            Snapshot = new() { Index = new(40), Payload = ImageOf(new TestMachine()) },
        }),
        new ReadIndexFoundReceived(new() { Group = Group, LogId = log, RequestId = "r1", Index = new(50) }),
        new GroupDescribed(Description("n9", 70, commit: 50) with { LogId = log }),
        new RefusedReceived(new()
        {
            Group = Group, LogId = log, RequestId = "p1", Reason = ConsensusRefusal.NotLeader,
            LeaderHint = new("n7"), Term = new(80),
        }),
    ];

    private static bool IsByLeader(ReplicaInput input) =>
        input is EntriesCommittedReceived or LeaderElectedReceived or GroupDescribed;
}
