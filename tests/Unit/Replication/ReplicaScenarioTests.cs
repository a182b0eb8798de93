using Muster.Contracts;
using Muster.Replication.Core;
using Muster.Unit.Tests.Replication.Simulation;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Replication;

public sealed class ReplicaScenarioTests
{
    private static readonly ReplicaOptions Options = new()
    {
        Group = SimulatedConsensus.Group,
        Origin = "template",
        SnapshotEveryEntries = 10,
        CommandTimeout = 120_000,
    };

    [Fact]
    public void A_restarted_replica_starts_from_a_snapshot_and_agrees()
    {
        var world = new SimulatedWorld(1, 2, Options, () => new TestMachine());
        for (var number = 0; number < 40; number++)
        {
            var id = $"c{number}";
            world.At(100 + number * 10, () => world.Submit(world.Replicas[0], id));
        }
        world.Run(1_000);
        world.Consensus.FirstIndex.ShouldBeGreaterThan(new LogIndex(20));

        world.Restart(1);
        world.Run(2_000);
        world.Replicas[1].IsCaughtUp.ShouldBeTrue();
        world.Replicas[1].Machine.AddedIds.Count().ShouldBe(40);
        world.Replicas[1].Machine.Digest().ShouldBe(world.Replicas[0].Machine.Digest());
    }

    [Fact]
    public void A_replica_stopped_past_the_id_window_applies_nothing_twice()
    {
        const long window = 5_000;
        var world = new SimulatedWorld(1, 2, Options, () => new TestMachine(window));
        var stopped = world.Replicas[1];
        world.Run(500);

        // The proposal reaches the log, but the replica is stopped before it hears of that.
        world.Submit(stopped, "once");
        stopped.PausedUntil = 20_000;
        for (var at = 1_000; at < 20_000; at += 500)
        {
            var id = $"other{at}";
            world.At(at, () => world.Submit(world.Replicas[0], id));
        }
        world.Run(19_999);
        world.Replicas[0].Machine.AddedIds.ShouldContain("once");
        var sentBefore = world.ProposalsSent;

        // It resumes, and its first step sends the old proposal again, because a second has passed.
        world.Run(25_000);
        world.ProposalsSent.ShouldBeGreaterThan(sentBefore);
        world.Replicas[0].Machine.AddedIds.Count(id => id == "once").ShouldBe(1);
        stopped.Machine.Digest().ShouldBe(world.Replicas[0].Machine.Digest());
        world.History.Unknown.ShouldBe(
            ["once"], "the snapshot holds the first copy: too old means doubt, not refusal");
    }

    [Fact]
    public void A_full_log_starts_again_by_itself()
    {
        var world = new SimulatedWorld(
            1, 2, Options with { SnapshotEveryEntries = 0 }, () => new TestMachine());
        world.Run(500);
        world.Consensus.IsLogFull = true;
        world.Submit(world.Replicas[0], "a");
        world.Run(3_000);
        world.History.Acknowledged.ShouldBe(["a"]);
    }

    [Fact]
    public void Many_commands_at_once_travel_in_few_proposals()
    {
        var world = new SimulatedWorld(1, 1, Options, () => new TestMachine());
        world.Run(500);
        for (var number = 0; number < 1_000; number++)
        {
            world.Submit(world.Replicas[0], $"c{number}");
        }
        world.Run(1_500);
        world.History.Acknowledged.Count.ShouldBe(1_000);
        world.ProposalsSent.ShouldBeLessThan(10);
    }
}
