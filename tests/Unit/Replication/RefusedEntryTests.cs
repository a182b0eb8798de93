using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;
using Muster.Unit.Tests.Replication.Simulation;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Replication;

/// <summary>An entry that the machine throws at, and the replicated way past it.</summary>
public sealed class RefusedEntryTests
{
    private static readonly ReplicaOptions Options = new()
    {
        Group = SimulatedConsensus.Group,
        Origin = "template",
        DigestEveryEntries = 10,
        SnapshotEveryEntries = 10,
        CommandTimeout = 2_000,
    };

    [Fact]
    public void All_replicas_halt_and_go_on_alike_once_it_is_refused()
    {
        var world = Poisoned("r1", "r2", "r3");
        world.Replicas.ShouldAllBe(replica => replica.Fault == null && !replica.IsCaughtUp);
        world.History.Unknown.ShouldContain("bad");
        var halts = world.Replicas.Select(replica => replica.View.Halt).Distinct().ToList();
        halts.ShouldHaveSingleItem().ShouldContain($"\"entry\":\"{PoisonOf(world).Entry}\"");

        world.RefuseEntry(PoisonOf(world));
        Submit(world, 3_000, 40, first: 40);
        world.Run(6_000);
        AllGoOn(world);
        world.Replicas.ShouldAllBe(replica => replica.View.RefusedIndex == PoisonOf(world).Index);
        world.History.Acknowledged.ShouldContain("c79");
        world.Replicas.ShouldAllBe(replica => replica.Machine.Sum == replica.Machine.AddedIds.Count());
        world.Consensus.Snapshots.Last().Index.ShouldBeGreaterThan(PoisonOf(world).Index);
    }

    [Fact]
    public void A_replica_started_later_decides_alike_from_the_log_and_from_a_snapshot()
    {
        var world = Poisoned("r1", "r2", "r3");
        world.RefuseEntry(PoisonOf(world));
        world.Run(4_000);
        world.Restart(0); // the poison and the refusal are both in the log
        world.Run(8_000);
        AllGoOn(world);
        world.Replicas[0].View.RefusedIndex.ShouldBe(PoisonOf(world).Index);

        Submit(world, 8_000, 60, first: 100);
        world.Run(10_000);
        world.Consensus.FirstIndex.ShouldBeGreaterThan(PoisonOf(world).Index);
        world.Restart(1); // only the snapshot knows of it
        world.Run(14_000);
        AllGoOn(world);
    }

    [Fact]
    public void A_replica_that_starts_while_all_are_halted_halts_too_and_hears_the_operator()
    {
        var world = Poisoned("r1", "r2", "r3");
        world.Restart(0);
        world.Restart(1);
        world.Restart(2);
        world.Run(4_000);
        world.Replicas.ShouldAllBe(replica => replica.View.Halt.Length > 0);
        world.RefuseEntry(PoisonOf(world));
        world.Run(8_000);
        AllGoOn(world);
    }

    [Fact]
    public void A_replica_that_did_not_throw_takes_it_back()
    {
        var world = Poisoned("r1", "r2");
        world.Replicas[2].Machine.AddedIds.ShouldContain("bad");
        world.Replicas[2].IsCaughtUp.ShouldBeTrue();
        var (poison, told) = (PoisonOf(world).Index, world.Replicas[2].Applied);
        world.RefuseEntry(PoisonOf(world));
        world.Run(6_000);
        AllGoOn(world);
        world.Replicas[2].Machine.AddedIds.ShouldNotContain("bad");
        world.Replicas[2].View.RefusedIndex.ShouldBe(poison);
        var withdrawn = world.Replicas[2].Withdrawn.ShouldHaveSingleItem();
        (withdrawn.From, withdrawn.To >= told).ShouldBe((poison, true));
        world.Replicas.Take(2).ShouldAllBe(replica => replica.Withdrawn.Count == 0);
    }

    [Fact]
    public void It_is_too_late_once_two_replicas_have_agreed_on_a_state_with_it()
    {
        var world = Poisoned("r1");
        Submit(world, 2_000, 10, first: 40, replica: 1);
        world.Run(3_000);
        world.RefuseEntry(PoisonOf(world));
        world.Run(4_000);
        world.Replicas.Skip(1).ShouldAllBe(replica => replica.Machine.AddedIds.Contains("bad"));
        world.Replicas.ShouldAllBe(replica => replica.Fault == null);

        // The one that halted goes on from the others' snapshot, which it asks for from time to time.
        Submit(world, 4_000, 60, first: 100, replica: 1);
        world.Run(40_000);
        AllGoOn(world);
        world.Replicas[0].Machine.AddedIds.ShouldContain("bad");
    }

    [Fact]
    public void Another_entry_is_not_refused()
    {
        var world = Poisoned("r1", "r2", "r3");
        var poison = PoisonOf(world);
        var before = world.Consensus.Commit;
        world.RefuseEntry(poison with { Index = poison.Index.Previous() });
        world.RefuseEntry(poison with { Entry = "0123456789abcdef" });
        world.RefuseEntry(poison with { Group = "other" });
        world.Run(4_000);
        world.Consensus.Commit.ShouldBe(before);
        world.Replicas.ShouldAllBe(replica => replica.View.Halt.Length > 0);
    }

    [Fact]
    public void A_throw_half_way_through_an_entry_leaves_nothing_of_it()
    {
        var world = new SimulatedWorld(1, 3, Options, () => new TestMachine { PoisonId = "bad" });
        world.Run(500);
        world.Submit(world.Replicas[0], "first", "bad");
        world.Run(1_500);
        world.Replicas.ShouldAllBe(replica => !replica.Machine.AddedIds.Any());
        world.RefuseEntry(PoisonOf(world));
        world.Run(4_000);
        AllGoOn(world);
        world.Replicas.ShouldAllBe(replica => replica.Machine.Sum == 0);
    }

    /// <summary>40 commands, then the poison; these replicas' machines throw at it.</summary>
    private static SimulatedWorld Poisoned(params string[] throwing)
    {
        var world = new SimulatedWorld(
            1, 3, Options,
            name => new TestMachine { PoisonId = throwing.Contains(name) ? "bad" : null });
        Submit(world, 100, 35);
        world.At(900, () => world.Submit(world.Replicas[0], "bad"));
        world.Run(2_000);
        return world;
    }

    private static void Submit(SimulatedWorld world, long from, int count, int first = 0, int replica = 0)
    {
        for (var number = first; number < first + count; number++)
        {
            var id = $"c{number}";
            world.At(from + (10 * (number - first)), () => world.Submit(world.Replicas[replica], id));
        }
    }

    private static RefuseEntry PoisonOf(SimulatedWorld world)
    {
        var poison = world.Consensus.Log.First(entry =>
            System.Text.Encoding.UTF8.GetString(entry.Payload).Contains("bad", StringComparison.Ordinal));
        return new()
        {
            Group = SimulatedConsensus.Group,
            Index = poison.Index,
            Entry = Refusals.Name(Refusals.DigestOf(poison)),
        };
    }

    private static void AllGoOn(SimulatedWorld world)
    {
        foreach (var replica in world.Replicas)
        {
            replica.Fault.ShouldBeNull();
            replica.View.Halt.ShouldBeEmpty();
            replica.IsCaughtUp.ShouldBeTrue();
            replica.Applied.ShouldBe(world.Consensus.Commit);
            replica.Machine.Digest().ShouldBe(world.Replicas[0].Machine.Digest());
        }
    }
}
