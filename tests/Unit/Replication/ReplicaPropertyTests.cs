using CsCheck;
using Muster.Replication.Core;
using Muster.Unit.Tests.Replication.Simulation;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Replication;

/// <summary>
/// Many random runs: ten seconds of trouble, then a quiet time in which everything must settle.
/// </summary>
public sealed class ReplicaPropertyTests
{
    private const long Trouble = 10_000;

    // Long enough for the last command's timeout, and for a second try of everything after it.
    private const long Quiet = 25_000;

    [Fact]
    public void Every_command_is_applied_once_or_reported_unknown_and_all_replicas_agree() =>
        Gen.Int.Sample(seed => Check(RunSeed(seed, wipes: 0)), iter: 60, threads: 1);

    [Fact]
    public void All_replicas_follow_the_last_of_several_logs_and_keep_nothing_of_the_others() =>
        Gen.Int.Sample(seed => Check(RunSeed(seed, wipes: 1 + Math.Abs(seed % 2))), iter: 40, threads: 1);

    /// <summary>
    /// A read that a replica took before it had met any log, answered from the one that replaced the log of
    /// that time.
    /// </summary>
    [Fact]
    public void A_read_asked_before_a_wipe_is_answered_by_the_log_after_it() =>
        Check(RunSeed(35772, wipes: 1));

    private static SimulatedWorld RunSeed(int seed, int wipes)
    {
        var options = new ReplicaOptions
        {
            Group = SimulatedConsensus.Group,
            Origin = "template",
            MaxBatchCommands = 5,
            MaxInflightProposals = 3,
            CommandTimeout = 4_000,
            SnapshotEveryEntries = seed % 2 == 0 ? 25 : 0,
        };
        var world = new SimulatedWorld(
            seed, replicas: 3, options,
            () => new TestMachine(lifetimeMilliseconds: seed % 3 == 0 ? 700 : null))
        {
            LossShare = 0.08,
            LongestDelay = 30,
        };
        world.Consensus.OverloadShare = 0.05;
        MakeTrouble(world);
        for (; wipes > 0; wipes--)
        {
            world.At(world.Random.NextInt64(Trouble), world.Wipe);
        }
        world.Run(Trouble);
        Heal(world);
        world.Run(Trouble + Quiet);
        return world;
    }

    private static void MakeTrouble(SimulatedWorld world)
    {
        var random = world.Random;
        for (var number = 0; number < 250; number++)
        {
            var id = $"c{number}";
            var at = random.NextInt64(Trouble);
            world.At(at, () => world.Submit(Any(world), id));
            world.At(random.NextInt64(Trouble), () => world.Read(Any(world)));
            // A client that doubts asks another replica with the same id.
            if (number % 5 == 0)
            {
                world.At(at + 800, () => world.Submit(Any(world), id));
            }
        }
        for (var number = 0; number < 6; number++)
        {
            world.At(random.NextInt64(Trouble), world.Consensus.LoseLeader);
            world.At(random.NextInt64(Trouble), world.Consensus.Elect);
            world.At(random.NextInt64(Trouble), () => world.Reconnect(Any(world)));
            world.At(
                random.NextInt64(Trouble),
                () => Any(world).PausedUntil = world.Now + random.NextInt64(2_000));
        }
        world.At(random.NextInt64(Trouble), () => world.Restart(random.Next(3)));
        world.At(random.NextInt64(Trouble), () => world.Restart(random.Next(3)));
    }

    private static SimulatedReplica Any(SimulatedWorld world) => world.Replicas[world.Random.Next(3)];

    private static void Heal(SimulatedWorld world)
    {
        world.LossShare = 0;
        world.LongestDelay = 3;
        world.Consensus.OverloadShare = 0;
        world.Consensus.Elect();
        world.At(world.Now + 20_000, () =>
        {
            world.Submit(world.Replicas[0], "last");
            world.Read(world.Replicas[1]);
        });
    }

    private static void Check(SimulatedWorld world)
    {
        var history = world.History;
        foreach (var replica in world.Replicas)
        {
            replica.Fault.ShouldBeNull();
            replica.IsCaughtUp.ShouldBeTrue();
            replica.LogId.ShouldBe(history.Log);
            replica.OpenCount.ShouldBe(0, "every command and read is answered or unknown");
            replica.Applied.ShouldBe(world.Consensus.Commit);
            replica.Machine.Digest().ShouldBe(world.Replicas[0].Machine.Digest());
            replica.Machine.AddedIds.ShouldBeUnique();
            history.Acknowledged.Except(replica.Machine.AddedIds).ShouldBeEmpty();
        }
        history.Submitted.Except(history.Acknowledged).Except(history.Unknown).Except(history.Lost)
            .ShouldBeEmpty();
        history.Acknowledged.ShouldContain("last");
        history.ReadsServed.ShouldBeGreaterThan(0);
    }
}
