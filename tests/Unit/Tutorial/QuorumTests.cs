using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Tutorial;

public sealed class QuorumTests
{
    /// <summary>
    /// The tutorial's fault: a write is done when every node has it, so one that is down stops all.
    /// </summary>
    [Fact]
    public void Commits_go_on_with_one_of_three_nodes_down_and_not_with_two()
    {
        SurvivesOneAndNoMore(RealCommits).ShouldBeTrue();

        SurvivesOneAndNoMore(TutorialCommits).ShouldBeFalse();
    }

    private static bool SurvivesOneAndNoMore(Func<int, bool> commitsWithDown) =>
        commitsWithDown(0) && commitsWithDown(1) && !commitsWithDown(2);

    private static bool RealCommits(int down)
    {
        var cluster = new Cluster(seed: 3, size: 3, Faults.None);
        cluster.RunUntil(() => cluster.Leader?.Core.CommitIndex.Value > 0, 10_000).ShouldBeTrue();
        var leader = cluster.Leader!;
        var before = leader.Core.CommitIndex;
        // A node that never steps again is down, and no simulated supervisor starts it anew.
        foreach (var node in cluster.Nodes.Where(node => node != leader).Take(down))
        {
            node.PausedUntil = long.MaxValue;
        }
        leader.Inbox.Add(Say.Propose("x", wantsAnswer: false));
        return cluster.RunUntil(() => leader.Core.CommitIndex > before, 5_000);
    }

    private static bool TutorialCommits(int down)
    {
        const int Nodes = 3;
        var acknowledged = Nodes - down;
        return acknowledged == Nodes;
    }
}
