using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;
using Muster.Unit.Tests.Replication.Simulation;
using Shouldly;
using Xunit;
using static Muster.Unit.Tests.Replication.Simulation.CoreBench;

namespace Muster.Unit.Tests.Replication;

/// <summary>Replicas tell each other their states' digests through the log.</summary>
public sealed class StateComparisonTests
{
    private static readonly ReplicaOptions Options = new()
    {
        Group = SimulatedConsensus.Group,
        Origin = "template",
        DigestEveryEntries = 10,
        SnapshotEveryEntries = 10,
        CommandTimeout = 60_000,
    };

    [Fact]
    public void The_replica_that_differs_stops_and_its_snapshot_is_never_taken()
    {
        var world = Skewed(Options);
        Submit(world, from: 100, count: 60);
        world.Run(3_000);

        var fault = world.Replicas[1].Fault.ShouldNotBeNull();
        fault.ShouldContain("Replica r2.2 of group g is not as the others");
        fault.ShouldContain("after entry 10 has the digest");
        world.Replicas[0].Fault.ShouldBeNull();
        world.Replicas[2].Fault.ShouldBeNull();
        world.Replicas[2].Machine.Digest().ShouldBe(world.Replicas[0].Machine.Digest());
        world.History.Acknowledged.ShouldContain("c59");
        world.Consensus.Snapshots.Count.ShouldBeGreaterThan(3);
        world.Consensus.Snapshots.ShouldAllBe(taken => IsRight(taken.Payload));
    }

    [Fact]
    public void It_is_found_again_when_it_has_started_anew_from_the_same_log()
    {
        var world = Skewed(Options with { SnapshotEveryEntries = 0 });
        Submit(world, from: 100, count: 30);
        world.Run(1_000);
        world.Replicas[1].Fault.ShouldNotBeNull();
        world.Restart(1);
        world.Run(2_000);
        world.Replicas[1].Fault.ShouldNotBeNull().ShouldContain("two other replicas");
    }

    [Fact]
    public void Two_that_differ_cut_no_log_until_a_third_decides()
    {
        var world = Skewed(Options);
        world.Replicas[2].PausedUntil = 3_000;
        Submit(world, from: 100, count: 30);
        world.Run(2_999);
        world.Consensus.Snapshots.ShouldBeEmpty();
        world.Replicas.Take(2).ShouldAllBe(replica => replica.Fault == null);
        world.Replicas.Take(2).ShouldAllBe(
            replica => replica.View.SnapshotProblem.Contains("no third has told", StringComparison.Ordinal));

        Submit(world, from: 4_000, count: 30, first: 30);
        world.Run(20_000);
        world.Replicas.Select(replica => replica.Fault is null).ShouldBe([true, false, true]);
        world.Consensus.Snapshots.ShouldNotBeEmpty();
        world.Consensus.Snapshots.ShouldAllBe(taken => IsRight(taken.Payload));
        world.Replicas[0].View.SnapshotProblem.ShouldBeEmpty();
    }

    [Fact]
    public void A_replica_that_is_alone_cuts_its_log_without_waiting()
    {
        var world = new SimulatedWorld(1, 1, Options, () => new TestMachine());
        Submit(world, from: 100, count: 30);
        world.Run(1_000);
        world.Consensus.Snapshots.Count.ShouldBeGreaterThan(1);
        world.Replicas[0].View.UnconfirmedSnapshot.ShouldBe(LogIndex.Zero);
    }

    [Fact]
    public void A_replica_whose_others_died_cuts_the_log_a_little_later()
    {
        var world = new SimulatedWorld(1, 3, Options, () => new TestMachine());
        world.Run(1_000);
        world.Replicas[1].PausedUntil = world.Replicas[2].PausedUntil = long.MaxValue;
        Submit(world, from: 1_000, count: 30);
        world.Run(10_000);
        world.Consensus.Snapshots.ShouldBeEmpty();
        world.Run(20_000);
        world.Consensus.Snapshots.ShouldNotBeEmpty();
        world.Replicas[0].View.UnconfirmedSnapshot.ShouldBeGreaterThan(LogIndex.Zero);
    }

    [Fact]
    public void A_snapshot_leaves_when_another_replica_has_told_the_same_digest()
    {
        var bench = Live(options => options with { DigestEveryEntries = 4, SnapshotEveryEntries = 4 });
        var other = Told("other", bench);
        bench.Commit(Command(2, Report(other)), Command(3, bench.OnlyReport()));
        var entry = Command(4, new EntryEnvelope { Origin = "x", Number = 1, IssuedAt = 0 }.Write());
        bench.Commit(entry);
        var report = bench.OnlyReport();
        bench.Commit(Command(5, report)).Of<StoreSnapshot>().ShouldBeEmpty();

        var own = (ReplicaReported)RecordCommand.Read(EntryEnvelope.Read(report).Body.Span);
        bench.Commit(Command(6, Report(own with { Replica = "other" }))).Of<StoreSnapshot>()
            .ShouldHaveSingleItem().Message.Index.ShouldBe(new(4));
        bench.Commit(Command(7, Report(own with { Replica = "third" }))).Of<StoreSnapshot>().ShouldBeEmpty();
    }

    [Fact]
    public void Reports_alone_bring_no_more_reports()
    {
        var world = new SimulatedWorld(
            1, 3, Options with { DigestEveryEntries = 2, SnapshotEveryEntries = 0 }, () => new TestMachine());
        Submit(world, from: 100, count: 5);
        world.Run(5_000);
        var settled = world.Consensus.Commit;
        world.Run(60_000);
        world.Consensus.Commit.ShouldBe(settled);
    }

    [Fact]
    public void A_large_state_is_looked_at_less_often_at_indexes_that_a_small_one_has_too()
    {
        var small = new StateReports(Options with { SnapshotEveryEntries = 0 });
        var large = new StateReports(Options with { SnapshotEveryEntries = 0 });
        large.Restored(64 * 75, new GroupRecord());
        (Points(small).Count, Points(large).Count).ShouldBe((100, 12));
        Points(large).Except(Points(small)).ShouldBeEmpty();
    }

    [Fact]
    public void Many_bytes_are_a_reason_too_at_the_same_index_for_all()
    {
        var reports = new StateReports(Options with { DigestEveryEntries = 1_000, SnapshotEveryEntries = 0 });
        var record = new GroupRecord();
        var entry = Command(1, new byte[StateReports.PointBytes - 1]);
        record.Count(entry);
        reports.IsPoint(entry, isRecord: false, record).ShouldBeFalse();
        entry = Command(2, [1]);
        record.Count(entry);
        reports.IsPoint(entry, isRecord: false, record).ShouldBeTrue();
    }

    /// <summary>Three replicas; the machine of r2 counts the first command as one more.</summary>
    private static SimulatedWorld Skewed(ReplicaOptions options)
    {
        var world = new SimulatedWorld(
            1, 3, options, name => new TestMachine { SkewId = name == "r2" ? "c0" : null });
        world.History.MayDiffer = true;
        return world;
    }

    private static void Submit(SimulatedWorld world, long from, int count, int first = 0)
    {
        for (var number = first; number < first + count; number++)
        {
            var id = $"c{number}";
            world.At(from + (10 * (number - first)), () => world.Submit(world.Replicas[0], id));
        }
    }

    private static bool IsRight(byte[] payload)
    {
        StateImage.Read(SnapshotEnvelope.Read(payload), out var state);
        var machine = new TestMachine();
        machine.Restore(state);
        return machine.Sum == machine.AddedIds.Count();
    }

    private static ReplicaReported Told(string replica, CoreBench bench) =>
        new(replica, bench.Machine.Versions, []);

    private static byte[] Report(RecordCommand command) => new EntryEnvelope
    {
        Origin = "another.1",
        Number = 1,
        IssuedAt = 0,
        IsRecord = true,
        Body = command.Write(),
    }.Write();

    private static List<long> Points(StateReports reports) =>
    [
        .. Enumerable.Range(1, 1_000)
            .Where(index => reports.IsPoint(Empty(index), isRecord: false, new GroupRecord()))
            .Select(index => (long)index),
    ];
}
