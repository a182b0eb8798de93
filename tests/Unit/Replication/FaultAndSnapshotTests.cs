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
    public void A_throw_in_apply_stops_the_replica_and_names_the_index()
    {
        var bench = Live(machine: new TestMachine { PoisonId = "bad" });
        var sent = bench.Submit("bad").Of<ProposeEntries>().Single();
        bench.Submit("waiting");
        bench.Step(new ReadRequested(1));
        bench.Commit(Empty(2), Command(3, sent.Payload()), Empty(4));

        bench.Last.Fault.ShouldNotBeNull().ShouldContain("Entry 3 of group g");
        bench.Last.AppliedIndex.ShouldBe(new LogIndex(2));
        bench.Last.Applied.Count.ShouldBe(1);
        bench.Last.Unknown.Select(command => command.Id).ShouldBe(["bad", "waiting"]);
        bench.Last.ReadsUnknown.ShouldBe([1]);
        bench.NextDeadline.ShouldBe(long.MaxValue);

        bench.Commit(Empty(4)).ShouldBeEmpty();
        bench.Submit("later");
        bench.Last.Unknown.Select(command => command.Id).ShouldBe(["later"]);
        bench.Last.IsCaughtUp.ShouldBeFalse();
    }

    [Fact]
    public void An_envelope_of_an_unknown_version_is_never_skipped()
    {
        var bench = Live();
        bench.Commit(Command(2, [9, .. new byte[40]]));
        bench.Last.Fault.ShouldNotBeNull().ShouldContain("Entry 2");
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
        restored.Restore(stored.Payload);
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
