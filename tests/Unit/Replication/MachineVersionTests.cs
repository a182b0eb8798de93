using Muster.Contracts;
using Muster.Replication.Core;
using Muster.Unit.Tests.Replication.Simulation;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Replication;

/// <summary>
/// Rolling upgrades: builds whose machines know versions 1 to 1, "old", and 1 to 2, "new", side by side.
/// </summary>
public sealed class MachineVersionTests
{
    private static readonly MachineVersions Old = MachineVersions.First;
    private static readonly MachineVersions New = new(1, 2);

    private static readonly ReplicaOptions Options = new()
    {
        Group = SimulatedConsensus.Group,
        Origin = "template",
        DigestEveryEntries = 10,
        SnapshotEveryEntries = 10,
        CommandTimeout = 5_000,
    };

    private readonly Dictionary<string, MachineVersions> _builds = new(StringComparer.Ordinal)
    {
        ["r1"] = Old,
        ["r2"] = Old,
        ["r3"] = Old,
    };

    [Fact]
    public void One_after_the_other_is_upgraded_and_the_version_is_raised_with_the_last()
    {
        var world = NewWorld();
        Upgrade(world, 0, at: 1_000);
        Upgrade(world, 1, at: 2_000);
        world.Replicas.ShouldAllBe(replica => replica.View.MachineVersion == 1);
        world.Submit(world.Replicas[0], "v2-early");
        world.Replicas[0].NotYet.ShouldBe(["v2-early"]);
        // Old and new agree all the while, on digests and on snapshots.
        world.Consensus.Snapshots.ShouldNotBeEmpty();

        Upgrade(world, 2, at: 3_000);
        world.Replicas.ShouldAllBe(replica => replica.View.MachineVersion == 2);
        world.Submit(world.Replicas[0], "v2-late");
        world.Run(5_000);
        AllAgree(world);
        world.Replicas.ShouldAllBe(replica => replica.Machine.NewCommands == 1);
        world.History.Acknowledged.ShouldContain("v2-late");

        world.Restart(1); // from a snapshot of version 2
        world.Run(6_000);
        AllAgree(world);
        world.Replicas[1].View.MachineVersion.ShouldBe(2);
    }

    [Fact]
    public void A_build_that_lacks_the_raised_version_stops_at_its_entry()
    {
        var world = NewWorld(Options with { SnapshotEveryEntries = 0 });
        world.Replicas[2].PausedUntil = 1_000_000; // hung for longer than it counts as there
        (_builds["r1"], _builds["r2"]) = (New, New);
        world.Restart(0);
        world.Restart(1);
        Submit(world, 1_000, 400, every: 1_000);
        world.Run(401_000);
        world.Replicas[0].View.MachineVersion.ShouldBe(2);
        world.Submit(world.Replicas[0], "v2-a");
        world.Run(402_000);
        world.Replicas[2].PausedUntil = 0;
        world.Run(410_000);

        world.Replicas[2].Fault.ShouldNotBeNull().ShouldContain("has 1 to 1: upgrade this replica");
        world.Replicas[2].Machine.AddedIds.ShouldNotContain("v2-a");
        world.Replicas[0].Fault.ShouldBeNull();
    }

    [Fact]
    public void It_stops_at_a_snapshot_of_that_version_too()
    {
        var world = NewWorld();
        (_builds["r1"], _builds["r2"], _builds["r3"]) = (New, New, New);
        world.Restart(0);
        world.Restart(1);
        world.Restart(2);
        Submit(world, 1_000, 60);
        world.Run(3_000);
        world.Replicas[0].View.MachineVersion.ShouldBe(2);
        _builds["r3"] = Old;
        world.Restart(2);
        world.Run(4_000);
        world.Replicas[2].Fault.ShouldNotBeNull().ShouldContain("cannot be restored");
    }

    [Fact]
    public void Who_was_killed_for_good_does_not_hold_up_the_raise_for_ever_even_when_nothing_happens()
    {
        var world = NewWorld();
        world.Replicas[2].PausedUntil = long.MaxValue;
        (_builds["r1"], _builds["r2"]) = (New, New);
        world.Restart(0);
        world.Restart(1);
        world.Run(60_000);
        world.Replicas[0].View.MachineVersion.ShouldBe(1);
        world.Run(30 * 60_000);
        world.Replicas[0].View.MachineVersion.ShouldBe(2);
        var settled = world.Consensus.Commit;
        world.Run(40 * 60_000);
        world.Consensus.Commit.ShouldBe(settled, "an idle group's log does not grow");
    }

    [Fact]
    public void A_pause_of_everything_makes_nobody_count_as_gone()
    {
        var world = NewWorld();
        _builds["r1"] = New;
        world.Restart(0);
        world.Run(3_600_000);
        Submit(world, 3_600_000, 3);
        world.Run(3_601_000);
        world.Replicas.ShouldAllBe(replica => replica.View.MachineVersion == 1);
        AllAgree(world);
    }

    private SimulatedWorld NewWorld(ReplicaOptions? options = null)
    {
        var world = new SimulatedWorld(
            1, 3, options ?? Options, name => new TestMachine { Versions = _builds[name] });
        world.Run(1_000);
        return world;
    }

    private void Upgrade(SimulatedWorld world, int number, long at)
    {
        _builds[$"r{number + 1}"] = New;
        world.Restart(number);
        Submit(world, at, 20);
        world.Run(at + 1_000);
        AllAgree(world);
    }

    private static void Submit(SimulatedWorld world, long from, int count, long every = 20)
    {
        for (var number = 0; number < count; number++)
        {
            var id = $"c{from}-{number}";
            world.At(from + (every * number), () => world.Submit(world.Replicas[0], id));
        }
    }

    private static void AllAgree(SimulatedWorld world)
    {
        foreach (var replica in world.Replicas)
        {
            replica.Fault.ShouldBeNull();
            replica.Applied.ShouldBe(world.Consensus.Commit);
            replica.Machine.Digest().ShouldBe(world.Replicas[0].Machine.Digest());
        }
    }
}
