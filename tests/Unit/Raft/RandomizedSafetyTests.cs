using Muster.Consensus.Core;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Raft;

/// <summary>
/// Safety under random faults, then liveness once they end. Every seed is a run of its own; a failure names
/// it, and MUSTER_RAFT_SEED runs that one alone; MUSTER_RAFT_SEEDS says how many are run.
/// </summary>
public sealed class RandomizedSafetyTests(ITestOutputHelper output)
{
    private static readonly int Seeds =
        int.Parse(Environment.GetEnvironmentVariable("MUSTER_RAFT_SEEDS") ?? "500");

    [Fact]
    public void Nothing_acknowledged_is_lost_and_the_group_recovers()
    {
        var only = Environment.GetEnvironmentVariable("MUSTER_RAFT_SEED");
        var seeds = only is null ? Enumerable.Range(1, Seeds) : [int.Parse(only)];
        var runs = seeds.AsParallel().Select(seed => Run((ulong)seed)).ToArray();
        var (acknowledged, reads, snapshots, crashes) = (
            runs.Sum(run => run.Checks.Acknowledgements), runs.Sum(run => run.ReadsAnswered),
            runs.Sum(run => run.SnapshotsInstalled), runs.Sum(run => run.Crashes));
        output.WriteLine($"{acknowledged} commits, {reads} reads, {snapshots} snapshots, {crashes} crashes, "
            + $"{runs.Sum(run => run.MembershipsChanged)} changes, {runs.Sum(run => run.Wipes)} wipes");

        // A run that does nothing proves nothing.
        if (only is not null) return;
        acknowledged.ShouldBeGreaterThan(Seeds * 10);
        reads.ShouldBeGreaterThan(Seeds * 3);
        snapshots.ShouldBeGreaterThan(Seeds / 10);
        crashes.ShouldBeGreaterThan(Seeds);
        runs.Sum(run => run.Transfers).ShouldBeGreaterThan(Seeds / 5);
        runs.Sum(run => run.Damages).ShouldBeGreaterThan(Seeds / 10);
        runs.Sum(run => run.MembershipsChanged).ShouldBeGreaterThan(Seeds);
        runs.Sum(run => run.Wipes).ShouldBeGreaterThan(Seeds / 20);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        var (first, second) = (Run(77), Run(77));
        second.Checks.DigestAt(second.Checks.Head).ShouldBe(first.Checks.DigestAt(first.Checks.Head));
        (second.Now, second.Checks.Head, second.ReadsAnswered)
            .ShouldBe((first.Now, first.Checks.Head, first.ReadsAnswered));
    }

    private static Cluster Run(ulong seed)
    {
        var random = new Random((int)seed * 31);
        var size = new[] { 1, 3, 3, 3, 5 }[random.Next(5)];
        var options = new RaftOptions
        {
            TrailingEntries = random.Next(20),
            TrailingBytes = random.Next(2000),
            MaxInflightAppends = 1 + random.Next(8),
            MaxAppendBytes = 70 + random.Next(2000),
        };
        Cluster? cluster = null;
        try
        {
            cluster = new Cluster(seed, size, Faults.Draw(random), options, newcomers: 2);
            cluster.Run(8000, withClients: true);
            Recover(cluster);
            return cluster;
        }
        catch (Exception error)
        {
            throw new InvalidOperationException(
                $"Seed {seed} (MUSTER_RAFT_SEED={seed}), {size} nodes: {error.Message} Left: {cluster}",
                error);
        }
    }

    private static void Recover(Cluster cluster)
    {
        cluster.Heal();
        cluster.RunUntil(() =>
            cluster.Leader?.Core.CommitIndex >= cluster.Checks.Acknowledged, 6000)
            .ShouldBeTrue("a leader with everything acknowledged within 6 s");
        var (acknowledged, reads) = (cluster.Checks.Acknowledgements, cluster.ReadsAnswered);
        cluster.RunUntil(() =>
            cluster.Checks.Acknowledgements >= acknowledged + 5 && cluster.ReadsAnswered > reads, 6000, true)
            .ShouldBeTrue("new proposals and reads are answered");
        cluster.RunUntil(() =>
            cluster.Members.All(node => node.Core.CommitIndex == cluster.Leader?.Core.LastIndex), 3000)
            .ShouldBeTrue("every member has every entry");
        foreach (var node in cluster.Members) cluster.Checks.CheckConverged(node);
        cluster.RunUntil(() => cluster.Leader is not null, 3000).ShouldBeTrue("somebody leads at the end");
    }
}
