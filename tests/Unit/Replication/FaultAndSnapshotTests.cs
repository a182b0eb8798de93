using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;
using Muster.Unit.Tests.Replication.Simulation;
using Shouldly;
using Xunit;
using static Muster.Unit.Tests.Replication.Simulation.CoreBench;

namespace Muster.Unit.Tests.Replication;

public sealed class FaultAndSnapshotTests
{
    [Fact]
    public void A_throw_in_apply_halts_the_replica_before_the_entry_and_names_it()
    {
        var bench = Live(machine: new TestMachine { PoisonId = "bad" });
        var sent = bench.Submit("bad").Of<ProposeEntries>().Single();
        bench.Submit("waiting");
        bench.Step(new ReadRequested(1));
        bench.Commit(Empty(2), Command(3, sent.Payload()), Empty(4));

        bench.View.Halt.ShouldContain("halted before entry 3 of group g");
        bench.View.Halt.ShouldContain("poisoned");
        bench.Last.Fault.ShouldBeNull();
        bench.Last.IsCaughtUp.ShouldBeFalse();
        bench.Last.Applied.Count.ShouldBe(1);
        bench.Last.Unknown.Select(command => command.Id).ShouldBe(["bad", "waiting"]);
        bench.Last.ReadsUnknown.ShouldBe([1]);

        bench.Submit("later");
        bench.Last.Overloaded.Select(command => command.Id).ShouldBe(["later"]);
        bench.Step(new ReadRequested(2));
        bench.Last.ReadsUnknown.ShouldBe([2]);
    }

    [Fact]
    public void An_envelope_of_an_unknown_version_is_never_skipped()
    {
        var bench = Live();
        bench.Commit(Command(2, [9, .. new byte[40]]));
        bench.View.Halt.ShouldContain("entry 2");
    }

    [Fact]
    public void A_stopped_core_gives_up_what_is_open()
    {
        var bench = Live();
        bench.Submit("a");
        bench.Stop().Unknown.Select(command => command.Id).ShouldBe(["a"]);
    }

    [Fact]
    public void Snapshots_are_taken_at_multiples_so_that_replicas_can_be_compared()
    {
        var bench = Live(options => options with { SnapshotEveryEntries = 3 });
        bench.Commit(Empty(2), Empty(3, 40), Empty(4, 90));

        var (to, stored) = bench.Last.Sends.Of<StoreSnapshot>().Single();
        // To no node in particular: each cuts its own log.
        (to, stored.Index).ShouldBe(("", new LogIndex(3)));
        var restored = new TestMachine();
        StateImage.Read(stored.Payload, out var state);
        restored.Restore(state);
        restored.Time.ShouldBe(40);
    }

    [Fact]
    public void A_snapshot_is_taken_when_the_entries_since_the_last_have_many_bytes()
    {
        var bench = Live(options => options with { SnapshotEveryEntries = 0, SnapshotEveryBytes = 100 });
        var payload = bench.Submit("a").Of<ProposeEntries>().Single().Payload();
        var needed = (100 / payload.Length) + 1;
        long index = 1;
        Until(needed).ShouldBe(index);
        Until(needed).ShouldBe(index);

        // The index of the only snapshot among so many entries.
        long Until(int count) => Enumerable.Range(0, count)
            .SelectMany(_ => bench.Commit(Command(++index, payload)).Of<StoreSnapshot>())
            .Single().Message.Index.Value;
    }

    [Fact]
    public void A_full_log_gets_a_snapshot_at_once_because_no_further_index_will_come()
    {
        var bench = Live(options => options with { SnapshotEveryEntries = 0 });
        bench.Submit("a");
        bench.Refuse("p1", ConsensusRefusal.LogFull).Of<StoreSnapshot>().Single().Message.Index
            .ShouldBe(new LogIndex(1));
        bench.StepAt(50).Of<ProposeEntries>().Count.ShouldBe(1);
        bench.Refuse("p1", ConsensusRefusal.LogFull).ShouldBeEmpty();
    }

    [Fact]
    public void A_large_machine_is_given_compressed_and_restored_from_that()
    {
        var machine = new TestMachine { Ballast = new byte[20 * 1024 * 1024] };
        var bench = Live(options => options with { SnapshotEveryEntries = 2 }, machine);
        var proposal = bench.Submit("a").Of<ProposeEntries>().Single();
        var stored = bench.Commit(Command(2, proposal.Payload())).Of<StoreSnapshot>().Single().Message;
        stored.Payload.Length.ShouldBeLessThan(LogEntry.LargestPayloadBytes);
        bench.View.SnapshotProblem.ShouldBeEmpty();

        var late = new CoreBench();
        late.Step();
        late.Step(new GroupDescribed(Description("n1", 1, commit: 2)));
        var snapshot = new GroupSnapshot { Index = stored.Index, Term = new(1), Payload = stored.Payload };
        var asked = late.IdOf<ReadSnapshot>();
        late.Step(new SnapshotReadReceived(
            new() { Group = Group, LogId = Log, RequestId = asked, Snapshot = snapshot }));
        late.Last.Fault.ShouldBeNull();
        late.Machine.AddedIds.ShouldBe(["a"]);
    }

    [Fact]
    public void A_machine_that_no_message_can_carry_is_a_problem_until_it_has_shrunk()
    {
        var machine = new TestMachine { Ballast = new byte[LogEntry.LargestPayloadBytes] };
        new Random(1).NextBytes(machine.Ballast);
        var bench = Live(options => options with { SnapshotEveryEntries = 2 }, machine);
        bench.Commit(Empty(2)).Of<StoreSnapshot>().ShouldBeEmpty();
        bench.View.SnapshotProblem.ShouldContain("too many");
        bench.Last.Fault.ShouldBeNull();
        bench.StepAt(5_000);
        bench.View.SnapshotProblem.ShouldContain("too many");

        machine.Ballast = [];
        bench.Commit(Empty(3), Empty(4)).Of<StoreSnapshot>().ShouldHaveSingleItem();
        bench.View.SnapshotProblem.ShouldContain("too many", customMessage: "it may yet be refused");
        bench.StepAt(6_000);
        bench.View.SnapshotProblem.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(ConsensusRefusal.Invalid, true, false)]
    [InlineData(ConsensusRefusal.Overloaded, true, true)]
    [InlineData(ConsensusRefusal.NotLeader, false, false)]
    public void A_refused_snapshot_is_a_problem(ConsensusRefusal reason, bool isProblem, bool isRepeated)
    {
        var bench = Live(options => options with { SnapshotEveryEntries = 2 });
        bench.Commit(Empty(2)).Of<StoreSnapshot>().ShouldHaveSingleItem();
        bench.Refuse(bench.IdOf<StoreSnapshot>(), reason, hint: "n1");
        bench.View.SnapshotProblem.Contains($"s2 was refused ({reason})", StringComparison.Ordinal)
            .ShouldBe(isProblem);
        bench.StepAt(9_999).Of<StoreSnapshot>().ShouldBeEmpty();
        bench.StepAt(10_000).Of<StoreSnapshot>().Count.ShouldBe(isRepeated ? 1 : 0);
        bench.StepAt(20_000);
        (bench.View.SnapshotProblem.Length > 0).ShouldBe(isProblem && !isRepeated);
    }

    [Fact]
    public void A_snapshot_that_the_link_did_not_take_is_a_problem_and_sent_again()
    {
        var bench = Live(options => options with { SnapshotEveryEntries = 2 });
        bench.Commit(Empty(2));
        bench.Step(new SnapshotNotSent(bench.IdOf<StoreSnapshot>()));
        bench.View.SnapshotProblem.ShouldContain("s2 was not sent");
        bench.Now = 9_999;
        bench.Step();
        bench.NextDeadline.ShouldBe(10_000);
        bench.StepAt(10_000).Of<StoreSnapshot>().ShouldHaveSingleItem();
        bench.StepAt(11_000);
        bench.View.SnapshotProblem.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(5_000, 5_000, 10_000)]
    [InlineData(50, 0, 10_000)]
    [InlineData(50, 1_000, 1_000)]
    public void Options_that_contradict_each_other_are_refused(long gap, long resend, long timeout) =>
        Should.Throw<ArgumentException>(() => new CoreBench(options => options with
        {
            GapMilliseconds = gap,
            ResendMilliseconds = resend,
            CommandTimeout = timeout - (gap == 5_000 ? 5_000 : 0),
        })).Message.ShouldContain($"{resend}");
}
