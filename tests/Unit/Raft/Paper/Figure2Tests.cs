using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Raft.Paper;

/// <summary>
/// The rules of figure 2 that no other test is named for; tests/Scenarios/raft-rules.txt has them all.
/// </summary>
public sealed class Figure2Tests
{
    [Fact]
    public void State_term_and_vote_are_stored_in_the_step_that_answers()
    {
        var node = new DrivenCore();
        var output = node.Receive(Say.AskVote("b", 4));
        output.HardState.ShouldBe(new HardState(Say.InTerm(4), Say.Node("b")));
        output.Early.ShouldBeEmpty();
        output.Messages.OfType<RequestVoteReply>().ShouldHaveSingleItem().Granted.ShouldBeTrue();
    }

    [Fact]
    public void State_next_starts_after_the_leaders_last_entry_and_match_at_nothing()
    {
        var node = DrivenCore.With("1 1 2", term: 2);
        var first = node.Lead("b").To<AppendEntries>("b");
        (first.PreviousIndex, first.PreviousTerm).ShouldBe((Say.At(3), Say.InTerm(2)));
        first.Entries.Terms().ShouldBe("3");
        node.Core.CommitIndex.ShouldBe(LogIndex.Zero);
    }

    [Fact]
    public void AppendEntries_1_an_older_term_is_refused_and_changes_nothing()
    {
        var node = DrivenCore.With("1 1", term: 3);
        var output = node.Receive(Say.Append("b", 2, 1, 1, "2 2", commit: 3));
        var answer = output.Only<AppendEntriesReply>();
        (answer.Success, answer.Term).ShouldBe((false, Say.InTerm(3)));
        node.Log.ShouldBe("1 1");
        node.Core.CommitIndex.ShouldBe(LogIndex.Zero);
        node.Core.Leader.ShouldBe(NodeId.None);
    }

    [Fact]
    public void AppendEntries_4_entries_that_are_there_already_are_not_appended_again()
    {
        var node = DrivenCore.With("1 1", term: 1);
        var output = node.Receive(Say.Append("b", 1, 1, 1, "1 1"));
        output.TruncateFrom.ShouldBeNull();
        output.Append.Select(entry => entry.Index).ShouldBe([Say.At(3)]);
        node.Log.ShouldBe("1 1 1");
    }

    [Theory]
    [InlineData(1, 1)] // less than the last new entry: the leader's commit index
    [InlineData(3, 3)] // equal
    [InlineData(9, 3)] // greater: the last new entry
    public void AppendEntries_5_the_commit_index_is_the_smaller_of_the_leaders_and_the_last_new_entry(
        long leaders, long expected)
    {
        var node = new DrivenCore();
        node.Receive(Say.Append("b", 1, 0, 0, "1 1 1", commit: leaders));
        node.Core.CommitIndex.ShouldBe(Say.At(expected));
    }

    [Fact]
    public void RequestVote_1_an_older_term_is_refused()
    {
        var node = DrivenCore.With("", term: 3);
        var answer = node.Receive(Say.AskVote("b", 2)).Only<RequestVoteReply>();
        (answer.Granted, answer.Term).ShouldBe((false, Say.InTerm(3)));
        node.Disk.HardState.Vote.ShouldBe(NodeId.None);
    }

    [Fact]
    public void RequestVote_2_the_same_candidate_is_granted_again()
    {
        var node = new DrivenCore();
        node.Receive(Say.AskVote("b", 1)).Only<RequestVoteReply>().Granted.ShouldBeTrue();
        var again = node.Receive(Say.AskVote("b", 1));
        again.Only<RequestVoteReply>().Granted.ShouldBeTrue();
        again.HardState.ShouldBeNull();
    }

    [Fact]
    public void All_servers_what_is_committed_is_handed_on_in_order_and_once()
    {
        var node = new DrivenCore();
        var first = node.Receive(Say.Append("b", 1, 0, 0, "1 1 1", commit: 2));
        var second = node.Receive(Say.Append("b", 1, 3, 1, "1", commit: 4));
        var third = node.Receive(Say.Append("b", 1, 3, 1, "1", commit: 4));
        first.Committed.Select(entry => entry.Index.Value).ShouldBe([1L, 2L]);
        second.Committed.Select(entry => entry.Index.Value).ShouldBe([3L, 4L]);
        third.Committed.ShouldBeEmpty();
    }

    public static TheoryData<string> Answers => ["PreVoteReply", "VoteReply", "AppendReply", "InstallReply"];

    [Theory]
    [MemberData(nameof(Answers))]
    public void All_servers_a_newer_term_in_an_answer_makes_a_follower_without_a_vote(string answer)
    {
        var node = new DrivenCore();
        node.Lead("b");
        var (from, to, term) = (Say.Node("c"), Say.Node("a"), Say.InTerm(7));
        PeerMessage message = answer switch
        {
            "PreVoteReply" => new PreVoteReply { From = from, To = to, Term = term },
            "VoteReply" => new RequestVoteReply { From = from, To = to, Term = term },
            "AppendReply" => new AppendEntriesReply { From = from, To = to, Term = term },
            _ => new InstallSnapshotReply { From = from, To = to, Term = term },
        };
        node.Receive(message);
        (node.Core.Role, node.Core.Term).ShouldBe((RaftRole.Follower, term));
        node.Disk.HardState.ShouldBe(new HardState(term, NodeId.None));
    }

    [Fact]
    public void Followers_answer_leaders_and_candidates_and_send_nothing_by_themselves()
    {
        var node = new DrivenCore();
        node.Receive(Say.Append("b", 1, 0, 0)).Only<AppendEntriesReply>().Success.ShouldBeTrue();
        node.Receive(Say.AskVote("c", 2)).Only<RequestVoteReply>().Granted.ShouldBeTrue();
        node.Receive(Say.AskPreVote("c", 3)).Only<PreVoteReply>().Granted.ShouldBeTrue();
        node.After(400).Sent<PeerMessage>().ShouldBeEmpty();
    }

    [Fact]
    public void Candidates_on_conversion_reset_the_timer_and_ask_all_others()
    {
        var node = new DrivenCore("a b c d e");
        var output = node.WinPreVote("b", "c");
        output.Sent<RequestVote>().Select(ask => ask.To.Value).ShouldBe(["b", "c", "d", "e"]);
        node.After(499);
        (node.Core.Role, node.Core.Term).ShouldBe((RaftRole.Candidate, Say.InTerm(1)));
    }

    [Fact]
    public void Leaders_repeat_heartbeats_while_idle_so_that_nobody_stands()
    {
        var node = new DrivenCore();
        var toC = node.LeadAndCommit();
        node.Receive(Say.Accepts(toC));
        for (var beat = 0; beat < 30; beat++)
        {
            var output = node.After(100);
            output.Sent<AppendEntries>().Select(m => (m.To.Value, m.Entries.Count))
                .ShouldBe([("b", 0), ("c", 0)]);
            node.Receive([.. output.Sent<AppendEntries>().Select(m => Say.Accepts(m))]);
        }

        node.Core.Role.ShouldBe(RaftRole.Leader);
    }

    [Fact]
    public void Leaders_send_from_next_on_and_a_success_moves_next_and_match()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        var x = node.Step(Say.Propose("x", "1")).To<AppendEntries>("b");
        var y = node.Step(Say.Propose("y", "2")).To<AppendEntries>("b");
        (x.PreviousIndex, y.PreviousIndex).ShouldBe((Say.At(1), Say.At(2)));
        node.Receive(Say.Accepts(x));
        node.Core.CommitIndex.ShouldBe(Say.At(2));
        node.Receive(Say.Accepts(y));
        node.Core.CommitIndex.ShouldBe(Say.At(3));
        node.After(100).To<AppendEntries>("b").PreviousIndex.ShouldBe(Say.At(3));
    }

    [Fact]
    public void Leaders_a_refusal_moves_next_back_and_is_retried_at_once()
    {
        var node = DrivenCore.With("1 1 1", term: 1);
        var probe = node.Lead("b").To<AppendEntries>("b");
        var retry = node.Receive(Say.Refuses(probe, conflictIndex: 2)).Only<AppendEntries>();
        (retry.To, retry.PreviousIndex).ShouldBe((Say.Node("b"), Say.At(1)));
        retry.Entries.Terms().ShouldBe("1 1 2");
    }
}
