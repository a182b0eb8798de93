using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Raft;

/// <summary>Raft sections 5.1, 5.2 and 5.4.1, and the pre-vote of the dissertation, section 9.6.</summary>
public sealed class ElectionTests
{
    [Fact]
    public void Servers_start_as_followers_without_a_leader()
    {
        var node = new DrivenCore();
        node.Core.Role.ShouldBe(RaftRole.Follower);
        node.Core.Leader.ShouldBe(NodeId.None);
        node.Core.Term.ShouldBe(Term.Zero);
        node.Core.NextDeadline.ShouldBe(long.MinValue);
    }

    [Fact]
    public void A_follower_stands_only_after_the_election_timeout()
    {
        var node = new DrivenCore();
        node.Step();
        var deadline = node.Core.NextDeadline;
        (deadline - node.Now).ShouldBeInRange(500, 1000);
        node.After(deadline - node.Now - 1).Messages.ShouldBeEmpty();
        node.After(1).Sent<PreVote>().Count.ShouldBe(2);
        node.Core.Role.ShouldBe(RaftRole.PreCandidate);
    }

    [Theory]
    [InlineData(0, 1L << 40)]
    [InlineData(1L << 40, 0)]
    public void Votes_for_another_process_of_this_node_do_not_elect_this_one(long here, long there)
    {
        var (node, other) = (new DrivenCore(requestsAfter: here), new DrivenCore(requestsAfter: there));
        node.Stand();
        var asked = other.Stand().Sent<PreVote>();
        node.Receive([.. asked.Select(Say.Grants)]);
        node.Core.Role.ShouldBe(RaftRole.PreCandidate);

        var wanted = other.Receive(Say.Grants(asked[0])).Sent<RequestVote>();
        node.WinPreVote("b");
        node.Receive([.. wanted.Select(Say.Grants)]);
        (node.Core.Role, node.Core.Term).ShouldBe((RaftRole.Candidate, other.Core.Term));
        other.Receive(Say.Grants(wanted[0]));
        other.Core.Role.ShouldBe(RaftRole.Leader);
    }

    [Fact]
    public void A_node_tells_what_it_stood_for_last()
    {
        var node = new DrivenCore();
        node.Step();
        node.Expire();
        node.Core.StoodFor.ShouldBe(ElectionCause.Start);
        node.Receive(Say.Append("b", 1, 0, 0));
        node.Expire();
        node.Core.StoodFor.ShouldBe(ElectionCause.Silence);

        node.Receive(Say.Append("b", 1, 0, 0));
        node.Receive(new TimeoutNow { From = Say.Node("b"), To = Say.Node("a"), Term = Say.InTerm(1) });
        node.Core.StoodFor.ShouldBe(ElectionCause.Handover);
        node.Expire();
        node.Core.StoodFor.ShouldBe(ElectionCause.Handover, "nobody won, and it goes on");
    }

    [Fact]
    public void Timeouts_are_spread_over_the_whole_range_and_differ_by_seed()
    {
        var timeouts = Enumerable.Range(0, 200).Select(seed =>
        {
            var empty = new FakeDisk().Restore(new("a"), [new("a"), new("b")], (ulong)seed);
            var core = new RaftCore(new RaftOptions(), empty);
            core.Step(0, []);
            return core.NextDeadline;
        }).ToArray();
        timeouts.ShouldAllBe(timeout => timeout >= 500 && timeout <= 1000);
        timeouts.Distinct().Count().ShouldBeGreaterThan(100);
        timeouts.Min().ShouldBeLessThan(520);
        timeouts.Max().ShouldBeGreaterThan(980);
    }

    [Fact]
    public void A_leaders_request_restarts_the_timeout()
    {
        var node = new DrivenCore();
        node.Step();
        for (var i = 0; i < 50; i++)
        {
            node.After(100, new PeerReceived(Say.Append("b", 1, 0, 0, id: i)));
            (node.Core.NextDeadline - node.Now).ShouldBeInRange(500, 1000);
        }

        node.Core.Role.ShouldBe(RaftRole.Follower);
    }

    [Fact]
    public void A_pre_candidate_keeps_its_term_and_stores_nothing()
    {
        var node = new DrivenCore();
        var output = node.Stand();
        output.HardState.ShouldBeNull();
        node.Core.Term.ShouldBe(Term.Zero);
        output.Sent<PreVote>().ShouldAllBe(ask => ask.NextTerm == Say.InTerm(1) && ask.Term == Term.Zero);
    }

    [Fact]
    public void A_candidate_raises_its_term_votes_for_itself_and_asks_after_that_is_stored()
    {
        var node = new DrivenCore();
        var output = node.WinPreVote("b");
        node.Core.Role.ShouldBe(RaftRole.Candidate);
        output.HardState.ShouldBe(new HardState(Say.InTerm(1), Say.Node("a")));
        output.Early.ShouldBeEmpty();
        output.Messages.OfType<RequestVote>().Count().ShouldBe(2);
    }

    [Fact]
    public void A_majority_of_votes_makes_a_leader_which_asserts_itself_at_once()
    {
        var node = new DrivenCore();
        var output = node.Lead("b");
        output.Sent<AppendEntries>().Select(m => m.To.Value).ShouldBe(["b", "c"]);
        node.Core.Leader.ShouldBe(Say.Node("a"));
        var empty = output.Append.ShouldHaveSingleItem();
        (empty.Kind, empty.Term, empty.Index).ShouldBe((EntryKind.Empty, Say.InTerm(1), Say.At(1)));
    }

    [Fact]
    public void One_nodes_votes_count_once_and_strangers_not_at_all()
    {
        var node = new DrivenCore("a b c d e");
        var asked = node.WinPreVote("b", "c").To<RequestVote>("b");
        var vote = Say.Grants(asked);
        node.Receive(vote, vote, vote with { From = Say.Node("x") }, vote with { From = Say.Node("a") });
        node.Core.Role.ShouldBe(RaftRole.Candidate);
        node.Receive(vote with { From = Say.Node("c") });
        node.Core.Role.ShouldBe(RaftRole.Leader);
    }

    [Fact]
    public void Votes_of_another_term_or_an_older_round_do_not_count()
    {
        var node = new DrivenCore();
        var ask = node.WinPreVote("b").To<RequestVote>("b");
        node.Receive(Say.Grants(ask) with { RequestId = ask.RequestId - 5 });
        node.Receive(Say.Grants(ask) with { Term = Term.Zero });
        node.Core.Role.ShouldBe(RaftRole.Candidate);
    }

    [Fact]
    public void A_candidate_that_hears_the_leader_of_its_term_follows_and_keeps_its_vote()
    {
        var node = new DrivenCore();
        node.WinPreVote("b");
        node.Receive(Say.Append("c", 1, 0, 0));
        node.Core.Role.ShouldBe(RaftRole.Follower);
        node.Core.Leader.ShouldBe(Say.Node("c"));
        node.Disk.HardState.Vote.ShouldBe(Say.Node("a"));
        node.Receive(Say.AskVote("b", 1, 9, 9)).Only<RequestVoteReply>().Granted.ShouldBeFalse();
    }

    [Fact]
    public void A_split_vote_ends_in_a_new_round_with_a_new_term()
    {
        var node = new DrivenCore();
        node.WinPreVote("b");
        for (var i = 0; i < 20 && node.Core.Role == RaftRole.Candidate; i++) node.Expire();
        node.Core.Role.ShouldBe(RaftRole.PreCandidate);
        node.Lead("b");
        node.Core.Term.ShouldBe(Say.InTerm(2));
    }

    [Fact]
    public void A_lost_request_is_sent_again_to_those_who_did_not_grant()
    {
        var node = new DrivenCore("a b c d e");
        var ask = node.WinPreVote("b", "c").To<RequestVote>("d");
        node.Receive(Say.Grants(ask));
        node.After(100).Sent<RequestVote>().Select(m => m.To.Value).ShouldBe(["b", "c", "e"]);
    }

    [Fact]
    public void A_vote_is_given_first_come_first_served_and_only_once_in_a_term()
    {
        var node = new DrivenCore();
        var output = node.Receive(Say.AskVote("b", 1), Say.AskVote("c", 1), Say.AskVote("b", 1));
        output.Sent<RequestVoteReply>().Select(reply => reply.Granted).ShouldBe([true, false, true]);
        output.HardState.ShouldBe(new HardState(Say.InTerm(1), Say.Node("b")));
    }

    [Fact]
    public void A_vote_survives_a_crash()
    {
        var node = new DrivenCore();
        node.Receive(Say.AskVote("b", 1)).Messages.OfType<RequestVoteReply>().Single().Granted.ShouldBeTrue();
        node.Restart();
        node.Receive(Say.AskVote("c", 1)).Only<RequestVoteReply>().Granted.ShouldBeFalse();
        node.Receive(Say.AskVote("b", 1)).Only<RequestVoteReply>().Granted.ShouldBeTrue();
    }

    [Fact]
    public void A_request_of_an_older_term_is_refused_with_the_newer_one()
    {
        var node = DrivenCore.With("1", term: 5);
        node.Receive(Say.AskVote("b", 4, 9, 4)).Only<RequestVoteReply>()
            .ShouldSatisfyAllConditions(r => r.Granted.ShouldBeFalse(), r => r.Term.ShouldBe(Say.InTerm(5)));
        var refused = node.Receive(Say.Append("b", 4, 0, 0, "4")).Only<AppendEntriesReply>();
        (refused.Success, refused.Term).ShouldBe((false, Say.InTerm(5)));
        node.Receive(Say.Install("b", 4, 9, 4)).Only<InstallSnapshotReply>().Term.ShouldBe(Say.InTerm(5));
        (node.Log, node.Core.Leader).ShouldBe(("1", NodeId.None));
    }

    [Fact]
    public void Any_message_of_a_newer_term_turns_a_leader_into_a_follower()
    {
        var node = new DrivenCore();
        var request = node.Lead().To<AppendEntries>("b");
        var output = node.Receive(Say.Refuses(request, 1) with { Term = Say.InTerm(7) });
        (node.Core.Role, node.Core.Term).ShouldBe((RaftRole.Follower, Say.InTerm(7)));
        output.HardState.ShouldBe(new HardState(Say.InTerm(7), NodeId.None));
        output.Sent<AppendEntries>().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1, 2, false)] // shorter, same term
    [InlineData(3, 2, true)] // equal
    [InlineData(4, 2, true)] // longer
    [InlineData(1, 3, true)] // later term beats length
    [InlineData(9, 1, false)] // earlier term, however long
    public void A_vote_and_a_pre_vote_go_only_to_a_log_that_is_up_to_date(
        long lastIndex, long lastTerm, bool granted)
    {
        var node = DrivenCore.With("1 1 2", term: 5);
        node.Receive(Say.AskPreVote("b", 6, lastIndex, lastTerm)).Only<PreVoteReply>().Granted
            .ShouldBe(granted);
        node.Receive(Say.AskVote("b", 6, lastIndex, lastTerm)).Only<RequestVoteReply>().Granted
            .ShouldBe(granted);
        node.Core.Term.ShouldBe(Say.InTerm(6));
    }

    [Fact]
    public void Granting_a_vote_restarts_the_timeout_and_refusing_does_not()
    {
        var node = DrivenCore.With("1 1", term: 1);
        node.Step();
        var deadline = node.Core.NextDeadline;
        node.After(400, new PeerReceived(Say.AskVote("b", 2)));
        node.Core.NextDeadline.ShouldBe(deadline);
        node.After(1, new PeerReceived(Say.AskVote("b", 3, 9, 2)));
        node.Core.NextDeadline.ShouldBeGreaterThanOrEqualTo(node.Now + 500);
    }

    [Fact]
    public void A_pre_vote_changes_nothing_at_its_receiver()
    {
        var node = new DrivenCore();
        var output = node.Receive(Say.AskPreVote("b", 9) with { Term = Say.InTerm(8) });
        output.Only<PreVoteReply>().Granted.ShouldBeTrue();
        output.HardState.ShouldBeNull();
        node.Core.Term.ShouldBe(Term.Zero);
    }

    [Fact]
    public void A_pre_vote_is_refused_while_a_leader_is_heard_and_granted_after_the_minimum()
    {
        var node = new DrivenCore();
        node.Receive(Say.Append("b", 1, 0, 0));
        node.After(499, new PeerReceived(Say.AskPreVote("c", 2, 9, 1))).Only<PreVoteReply>().Granted
            .ShouldBeFalse();
        node.After(1, new PeerReceived(Say.AskPreVote("c", 2, 9, 1))).Sent<PreVoteReply>()[0].Granted
            .ShouldBeTrue();
    }

    [Fact]
    public void A_leader_refuses_pre_votes_and_stays()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        node.Receive(Say.AskPreVote("c", 9, 99, 9)).Only<PreVoteReply>().Granted.ShouldBeFalse();
        node.Core.Role.ShouldBe(RaftRole.Leader);
    }

    [Fact]
    public void A_node_cut_off_for_long_comes_back_without_a_higher_term()
    {
        var node = new DrivenCore();
        node.Step();
        for (var i = 0; i < 100; i++) node.Expire();
        node.Core.Term.ShouldBe(Term.Zero);
        node.Receive(Say.Append("b", 1, 0, 0));
        node.Core.Role.ShouldBe(RaftRole.Follower);
    }

    [Fact]
    public void A_pre_candidate_behind_in_term_learns_it_from_the_refusal_and_stands_beyond()
    {
        var node = DrivenCore.With("1 2", term: 2);
        var ask = node.Stand().To<PreVote>("b");
        node.Receive(Say.Grants(ask) with { Granted = false, Term = Say.InTerm(7) });
        node.Core.Term.ShouldBe(Say.InTerm(7));
        node.Stand().To<PreVote>("b").NextTerm.ShouldBe(Say.InTerm(8));
    }

    [Fact]
    public void Of_two_that_stand_at_once_the_lower_ranked_yields_once()
    {
        var node = new DrivenCore("0 a c");
        var ask = node.Stand().To<PreVote>("c");
        var reply = Say.Grants(ask);
        node.Receive(Say.AskPreVote("0", 1)).Only<PreVoteReply>().Granted.ShouldBeTrue();
        node.Receive(reply);
        node.Core.Role.ShouldBe(RaftRole.PreCandidate);
        var again = node.After(100).To<PreVote>("c");
        node.Receive(Say.AskPreVote("0", 1));
        node.Receive(reply with { RequestId = again.RequestId });
        node.Core.Role.ShouldBe(RaftRole.Candidate);
    }

    [Fact]
    public void A_node_alone_leads_at_once_and_commits_only_what_is_on_its_disk()
    {
        var node = new DrivenCore("a") { ReportsWrites = false };
        var output = node.Step(Say.Propose("early"));
        output.Answers<ConsensusRefused>().ShouldHaveSingleItem().Reason.ShouldBe(ConsensusRefusal.NotLeader);
        output.HardState.ShouldBe(new HardState(Say.InTerm(1), Say.Node("a")));
        node.Core.Role.ShouldBe(RaftRole.Leader);
        node.Step(Say.Propose("x")).Answers<EntriesProposed>().ShouldBeEmpty();
        node.Core.CommitIndex.ShouldBe(LogIndex.Zero);
        output = node.ReportWritten();
        output.Answers<EntriesProposed>().ShouldHaveSingleItem().LastIndex.ShouldBe(Say.At(2));
        output.Elected.ShouldNotBeNull().Leader.ShouldBe(Say.Node("a"));
        node.Step(Say.Read()).Answers<ReadIndexFound>().ShouldHaveSingleItem().Index.ShouldBe(Say.At(2));
    }
}
