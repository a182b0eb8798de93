using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Raft;

/// <summary>
/// Broker hints: a dead leader's connection is reported long before its silence is noticed.
/// </summary>
public sealed class HintTests
{
    private static readonly ConnectionLost Lost = new("b.1");

    [Fact]
    public void A_hint_about_the_leader_brings_an_election_within_twice_the_settling_time()
    {
        var node = Following();
        node.Step(Lost);
        (node.Core.NextDeadline - node.Now).ShouldBeInRange(20, 40);
        node.Expire().Sent<PreVote>().Count.ShouldBe(2);
    }

    [Fact]
    public void A_hinted_candidate_asks_again_every_few_milliseconds_and_only_for_one_timeout()
    {
        var node = Following();
        node.Step(Lost);
        node.Expire();
        for (var i = 0; i < 10; i++)
        {
            (node.Core.NextDeadline - node.Now).ShouldBe(5);
            node.Expire().Sent<PreVote>().Count.ShouldBe(2);
        }

        while (node.Now < 2100) node.Expire();
        (node.Core.NextDeadline - node.Now).ShouldBeGreaterThan(5);
    }

    [Fact]
    public void A_hinted_candidate_that_is_granted_leads()
    {
        var node = Following();
        node.Step(Lost);
        var ask = node.Expire().To<PreVote>("c");
        var votes = node.Receive(Say.Grants(ask));
        node.Receive(Say.Grants(votes.To<RequestVote>("c")));
        (node.Core.Role, node.Core.Term).ShouldBe((RaftRole.Leader, Say.InTerm(2)));
        node.Core.StoodFor.ShouldBe(ElectionCause.Hint);
    }

    [Fact]
    public void A_node_that_saw_the_hint_grants_pre_votes_at_once_and_others_do_not()
    {
        var node = Following();
        node.Receive(Say.AskPreVote("c", 2)).Only<PreVoteReply>().Granted.ShouldBeFalse();
        node.Step(Lost, new PeerReceived(Say.AskPreVote("c", 2))).Only<PreVoteReply>().Granted.ShouldBeTrue();
    }

    [Theory]
    [InlineData("b.0")] // an older connection of the leader
    [InlineData("c.1")] // a follower's
    [InlineData("")]
    public void A_hint_about_another_connection_is_ignored(string incarnation)
    {
        var node = Following();
        var deadline = node.Core.NextDeadline;
        node.Step(new ConnectionLost(incarnation));
        node.Core.NextDeadline.ShouldBe(deadline);
        node.Receive(Say.AskPreVote("c", 2)).Only<PreVoteReply>().Granted.ShouldBeFalse();
    }

    [Fact]
    public void A_hint_without_a_leader_or_at_the_leader_is_ignored()
    {
        var node = new DrivenCore();
        node.Step();
        var deadline = node.Core.NextDeadline;
        node.Step(Lost, new ConnectionLost(""));
        node.Core.NextDeadline.ShouldBe(deadline);
        node.LeadAndCommit();
        node.Step(Lost, new ConnectionLost(""), new ConnectionLost("a.1"));
        node.After(60);
        node.Core.Role.ShouldBe(RaftRole.Leader);
    }

    [Fact]
    public void The_loss_of_the_own_connection_cancels_a_hint_and_forbids_new_ones()
    {
        var node = Following();
        node.Step(Lost);
        node.After(10, new OwnConnectionChanged(false));
        node.Step(Lost);
        node.After(60).Sent<PreVote>().ShouldBeEmpty();
        node.Receive(Say.AskPreVote("c", 2)).Only<PreVoteReply>().Granted.ShouldBeFalse();
    }

    [Fact]
    public void After_its_own_reconnect_a_node_waits_a_full_timeout()
    {
        var node = Following();
        node.After(400, new OwnConnectionChanged(false));
        node.After(50, new OwnConnectionChanged(true));
        (node.Core.NextDeadline - node.Now).ShouldBeInRange(500, 1000);
        var standing = new DrivenCore();
        standing.Stand();
        standing.Step(new OwnConnectionChanged(true));
        standing.Core.Role.ShouldBe(RaftRole.Follower);
        (standing.Core.NextDeadline - standing.Now).ShouldBeInRange(500, 1000);
    }

    [Fact]
    public void A_leader_that_speaks_through_a_new_connection_cancels_the_hint_at_once()
    {
        var node = Following();
        node.Step(Lost);
        node.After(1, new PeerReceived(Say.Append("b", 1, 0, 0, id: 2, incarnation: "b.2")));
        node.After(60).Sent<PreVote>().ShouldBeEmpty();
        node.Step(Lost);
        node.After(60).Sent<PreVote>().ShouldBeEmpty();
        node.Core.LeaderIncarnation.ShouldBe("b.2");
    }

    [Fact]
    public void What_was_under_way_when_the_leader_died_does_not_cancel_the_hint()
    {
        var node = Following();
        node.Step(Lost, new PeerReceived(Say.Append("b", 1, 0, 0, "1", id: 2)));
        node.After(10, new PeerReceived(Say.Append("b", 1, 1, 1, "1", id: 3)));
        node.After(40).Sent<PreVote>().Count.ShouldBe(2);
    }

    [Fact]
    public void A_false_hint_is_cancelled_by_the_living_leaders_next_message()
    {
        var node = Following();
        node.Step(Lost);
        node.After(11, new PeerReceived(Say.Append("b", 1, 0, 0, id: 2)));
        node.After(60).Sent<PreVote>().ShouldBeEmpty();
        node.Receive(Say.AskPreVote("c", 2)).Only<PreVoteReply>().Granted.ShouldBeFalse();
    }

    [Fact]
    public void A_hint_lifts_the_refusal_for_one_election_only()
    {
        var node = Following();
        node.Step(Lost);
        node.Receive(Say.AskVote("c", 2), Say.Append("c", 2, 0, 0, incarnation: "c.1"));
        node.Receive(Say.AskPreVote("b", 3)).Only<PreVoteReply>().Granted.ShouldBeFalse();
        node.After(60).Sent<PreVote>().ShouldBeEmpty();
    }

    [Fact]
    public void A_late_hint_about_a_leader_already_replaced_is_ignored()
    {
        var node = Following();
        node.Receive(Say.Append("c", 2, 0, 0, incarnation: "c.1"));
        node.Step(Lost);
        node.After(60).Sent<PreVote>().ShouldBeEmpty();
    }

    [Fact]
    public void All_nodes_hinted_at_once_elect_one_leader_in_milliseconds()
    {
        var slowest = 0L;
        for (ulong seed = 1; seed <= 100; seed++)
        {
            var cluster = new Cluster(seed, 3, Faults.None);
            cluster.RunUntil(() => cluster.Leader is { Core.CommitIndex.Value: > 0 }, 5000)
                .ShouldBeTrue($"seed {seed}");
            cluster.Run(300);
            var (old, killedAt) = (cluster.Leader!, cluster.Now);
            cluster.Crash(old);
            cluster.Hint(old, delay: 3);
            cluster.RunUntil(() => cluster.Leader is not null, 2000).ShouldBeTrue($"seed {seed}");
            slowest = Math.Max(slowest, cluster.Now - killedAt);
        }

        // Settling and jitter at most 40 ms, the hint's 3, and a few hops; nobody ever loses a whole timeout.
        slowest.ShouldBeLessThan(100);
    }

    [Fact]
    public void A_false_hint_to_everybody_leaves_the_living_leader_or_costs_one_election()
    {
        for (ulong seed = 1; seed <= 50; seed++)
        {
            var cluster = new Cluster(seed, 3, Faults.None);
            cluster.RunUntil(() => cluster.Leader is { Core.CommitIndex.Value: > 0 }, 5000)
                .ShouldBeTrue($"seed {seed}");
            cluster.Run(300);
            var term = cluster.Leader!.Core.Term;
            cluster.Hint(cluster.Leader!, delay: 1);
            cluster.Run(3000);
            cluster.Leader.ShouldNotBeNull($"seed {seed}").Core.Term.Value
                .ShouldBeLessThanOrEqualTo(term.Value + 1);
        }
    }

    private static DrivenCore Following()
    {
        var node = new DrivenCore();
        node.Receive(Say.Append("b", 1, 0, 0, incarnation: "b.1"));
        return node;
    }
}
