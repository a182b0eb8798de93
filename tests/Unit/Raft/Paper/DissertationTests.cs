using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Raft.Paper;

/// <summary>Rules of Ongaro's dissertation that no other test is named for.</summary>
public sealed class DissertationTests
{
    private static TransferReceived ToB => new(
        Say.Client, new TransferLeadership { Group = "g", RequestId = "t", To = Say.Node("b") });

    [Fact]
    public void Section_3_10_a_transfer_that_fails_ends_after_an_election_timeout_and_the_leader_goes_on()
    {
        var node = new DrivenCore();
        var toC = node.LeadAndCommit();
        node.Receive(Say.Accepts(toC));
        node.Step(ToB, Say.Propose("x"));
        node.Core.LastIndex.ShouldBe(Say.At(1));
        for (var beat = 0; beat < 10; beat++)
        {
            var sent = node.After(100).Sent<AppendEntries>();
            node.Receive([.. sent.Select(m => Say.Accepts(m))]);
        }

        node.Core.IsHandingOver.ShouldBeFalse();
        node.Core.Role.ShouldBe(RaftRole.Leader);
        node.Core.LastIndex.ShouldBe(Say.At(2));
    }

    [Fact]
    public void Section_3_10_the_former_leader_follows_the_successors_term()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        node.Step(ToB);
        node.Receive(Say.AskVote("b", 2, 1, 1)).Only<RequestVoteReply>().Granted.ShouldBeTrue();
        (node.Core.Role, node.Core.Term).ShouldBe((RaftRole.Follower, Say.InTerm(2)));
        node.Receive(Say.Append("b", 2, 1, 1, "2")).Answers<LeadershipTransferred>()
            .ShouldHaveSingleItem().Leader.ShouldBe(Say.Node("b"));
    }

    [Fact]
    public void Section_6_2_a_leader_counts_its_quorum_from_each_answer()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        var beat = node.After(600).To<AppendEntries>("b");
        node.Receive(Say.Accepts(beat));
        node.After(999);
        node.Core.Role.ShouldBe(RaftRole.Leader);
        node.After(1);
        node.Core.Role.ShouldBe(RaftRole.Follower);
    }

    [Fact]
    public void Section_6_4_step_1_a_read_waits_for_an_entry_of_the_leaders_term()
    {
        var node = DrivenCore.With("1 1", term: 1);
        var first = node.Lead("b").To<AppendEntries>("b");
        node.Step(Say.Read());
        var late = node.After(100).To<AppendEntries>("c");
        node.Receive(Say.Refuses(late, conflictIndex: 1)).Answers<ReadIndexFound>().ShouldBeEmpty();
        var round = node.Receive(Say.Accepts(first)).To<AppendEntries>("b");
        node.Receive(Say.Accepts(round)).Answers<ReadIndexFound>().ShouldHaveSingleItem()
            .Index.ShouldBe(Say.At(3));
    }

    [Fact]
    public void Section_6_4_step_3_one_node_of_five_is_no_majority()
    {
        var node = new DrivenCore("a b c d e");
        var first = node.Lead("b", "c");
        node.Receive(Say.Accepts(first.To<AppendEntries>("b")), Say.Accepts(first.To<AppendEntries>("c")));
        var round = node.Step(Say.Read());
        var toB = Say.Accepts(round.To<AppendEntries>("b"));
        node.Receive(toB, toB).Answers<ReadIndexFound>().ShouldBeEmpty();
        node.Receive(Say.Accepts(round.To<AppendEntries>("d"))).Answers<ReadIndexFound>()
            .ShouldHaveSingleItem();
    }

    [Fact]
    public void Section_9_6_without_a_majority_of_pre_votes_no_term_is_raised()
    {
        var node = new DrivenCore("a b c d e");
        var asked = node.Stand().Sent<PreVote>();
        node.Receive(Say.Grants(asked[0]));
        (node.Core.Role, node.Core.Term).ShouldBe((RaftRole.PreCandidate, Term.Zero));
        node.Receive(Say.Grants(asked[1]));
        (node.Core.Role, node.Core.Term).ShouldBe((RaftRole.Candidate, Say.InTerm(1)));
    }

    [Fact]
    public void Section_9_6_a_node_may_grant_pre_votes_to_many_and_its_vote_to_one()
    {
        var node = new DrivenCore();
        var output = node.Receive(Say.AskPreVote("b", 1), Say.AskPreVote("c", 1));
        output.Sent<PreVoteReply>().ShouldAllBe(reply => reply.Granted);
        output.HardState.ShouldBeNull();
        var votes = node.Receive(Say.AskVote("c", 1), Say.AskVote("b", 1)).Sent<RequestVoteReply>();
        votes.Where(vote => vote.Granted).ShouldHaveSingleItem().To.ShouldBe(Say.Node("c"));
    }

    [Fact]
    public void Section_10_2_1_a_leader_sends_before_its_own_write_and_a_follower_answers_after_it()
    {
        var leader = new DrivenCore();
        leader.LeadAndCommit();
        var proposed = leader.Step(Say.Propose("x"));
        proposed.Early.OfType<AppendEntries>().Count().ShouldBe(1);
        proposed.Messages.ShouldBeEmpty();

        var taken = new DrivenCore().Receive(Say.Append("b", 1, 0, 0, "1"));
        taken.Early.ShouldBeEmpty();
        taken.Messages.OfType<AppendEntriesReply>().ShouldHaveSingleItem();
    }

    [Fact]
    public void Section_10_2_2_a_request_that_overtakes_another_is_refused_and_sent_again()
    {
        var leader = new DrivenCore();
        leader.LeadAndCommit();
        leader.Step(Say.Propose("x", "1"));
        var second = leader.Step(Say.Propose("y", "2")).To<AppendEntries>("b");
        var again = leader.Receive(Say.Refuses(second, conflictIndex: 2)).To<AppendEntries>("b");
        (again.PreviousIndex, again.Entries.Count).ShouldBe((Say.At(1), 2));
    }
}
