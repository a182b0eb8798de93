using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Raft;

/// <summary>Figure 2, leaders: commit rule (5.3, 5.4.2), backtracking, pipeline, check quorum.</summary>
public sealed class LeaderTests
{
    [Fact]
    public void An_entry_is_committed_once_a_majority_holds_it_and_the_client_is_answered_then()
    {
        var node = new DrivenCore("a b c d e");
        var first = node.Lead("b", "c");
        node.Receive(Say.Accepts(first.To<AppendEntries>("b")), Say.Accepts(first.To<AppendEntries>("c")));
        var output = node.Step(Say.Propose("x"));
        output.Early.OfType<AppendEntries>().Select(m => m.To.Value).ShouldBe(["b", "c"]);
        node.Receive(Say.Accepts(output.To<AppendEntries>("b"))).Committed.ShouldBeEmpty();
        var done = node.Receive(Say.Accepts(output.To<AppendEntries>("c")));
        done.Committed.ShouldHaveSingleItem().Index.ShouldBe(Say.At(2));
        var answer = done.Answers<EntriesProposed>().ShouldHaveSingleItem();
        (answer.ProposalId, answer.FirstIndex, answer.LastIndex, answer.Term)
            .ShouldBe(("p", Say.At(2), Say.At(2), Say.InTerm(1)));
    }

    [Fact]
    public void Leaders_of_one_clock_send_their_heartbeats_at_the_same_instants()
    {
        // The groups of a node have one clock, whenever each of them elected it.
        var (one, other) = (new DrivenCore(now: 1000), new DrivenCore(now: 1037));
        one.LeadAndCommit();
        other.LeadAndCommit();
        for (var beat = 0; beat < 3; beat++)
        {
            one.Expire().Sent<AppendEntries>().Count.ShouldBe(2);
            other.Expire().Sent<AppendEntries>().Count.ShouldBe(2);
            (one.Now % 100, other.Now % 100).ShouldBe((0, 0));
        }
    }

    [Fact]
    public void A_late_heartbeat_does_not_move_the_next_one()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        node.Expire();
        var late = node.Core.NextDeadline - node.Now + 30;
        node.After(late).Sent<AppendEntries>().Count.ShouldBe(2);
        (node.Core.NextDeadline - node.Now).ShouldBe(70);
    }

    [Fact]
    public void A_leader_counts_itself_only_when_its_own_write_is_reported()
    {
        var node = new DrivenCore() { ReportsWrites = false };
        var output = node.Lead("b");
        node.Receive(Say.Accepts(output.To<AppendEntries>("b"))).Committed.ShouldBeEmpty();
        node.ReportWritten().Committed.Count.ShouldBe(1);
    }

    [Fact]
    public void A_majority_of_followers_commits_before_the_leaders_own_write()
    {
        var node = new DrivenCore() { ReportsWrites = false };
        var output = node.Lead("b");
        node.Receive([.. output.Sent<AppendEntries>().Select(m => Say.Accepts(m))]).Committed.Count
            .ShouldBe(1);
    }

    [Fact]
    public void A_late_report_about_a_replaced_entry_does_not_count_for_the_new_one()
    {
        var node = DrivenCore.With("1", term: 1);
        node.Receive(Say.Append("b", 2, 1, 1, "2"));
        node.Receive(Say.Append("c", 3, 1, 1));
        var disk = new FakeDisk { HardState = node.Disk.HardState, Entries = Say.Log("1") };
        var slow = new DrivenCore(disk: disk) { ReportsWrites = false };
        var output = slow.Lead("b");
        slow.Receive(Say.Accepts(output.To<AppendEntries>("b")));
        slow.Step(new EntriesPersisted(Say.At(2), Say.InTerm(2))).Committed.ShouldBeEmpty();
        slow.Step(new EntriesPersisted(Say.At(2), Say.InTerm(4))).Committed.Terms().ShouldBe("1 4");
    }

    [Fact]
    public void Figure_8_an_older_terms_entry_is_not_committed_by_counting_replicas()
    {
        var node = DrivenCore.With("1 2", term: 3, members: "a b c d e");
        var output = node.Lead("b", "c");
        var probe = output.To<AppendEntries>("b");
        var oldOnly = Say.Accepts(probe) with { MatchIndex = Say.At(2) };
        var (fromC, fromD) = (oldOnly with { From = Say.Node("c") }, oldOnly with { From = Say.Node("d") });
        node.Receive(oldOnly, fromC, fromD).Committed.ShouldBeEmpty();
        node.Core.CommitIndex.ShouldBe(LogIndex.Zero);
        var all = node.Receive(Say.Accepts(probe), Say.Accepts(probe, "c"));
        all.Committed.Terms().ShouldBe("1 2 4");
        all.Elected.ShouldNotBeNull().Term.ShouldBe(Say.InTerm(4));
    }

    [Fact]
    public void Elected_is_said_once_and_only_when_the_own_empty_entry_is_committed()
    {
        var node = new DrivenCore();
        var output = node.Lead("b");
        output.Elected.ShouldBeNull();
        node.Receive(Say.Accepts(output.To<AppendEntries>("b"))).Elected.ShouldNotBeNull();
        node.Receive(Say.Accepts(output.To<AppendEntries>("c"))).Elected.ShouldBeNull();
    }

    [Theory]
    [InlineData("4 4 5 5 6 6 6", 0, 5, 4)] // the follower is shorter
    [InlineData("4 4 5 5 6 6 6", 4, 3, 2)] // the leader has that term too: after its last entry of it
    [InlineData("1 1 1 4 4 4 4", 3, 2, 1)] // the leader has no such term: the term's first index
    public void A_refusal_moves_back_by_a_whole_term(
        string log, long conflictTerm, long conflictIndex, long previous)
    {
        var node = DrivenCore.With(log, term: 6);
        var probe = node.Lead("b").To<AppendEntries>("b");
        probe.PreviousIndex.ShouldBe(Say.At(7));
        var retry = node.Receive(Say.Refuses(probe, conflictIndex, conflictTerm)).Only<AppendEntries>();
        retry.PreviousIndex.ShouldBe(Say.At(conflictTerm == 0 ? conflictIndex - 1 : previous));
        retry.Entries.Count.ShouldBe((int)(8 - retry.PreviousIndex.Value));
    }

    [Fact]
    public void A_divergent_follower_ends_with_the_leaders_log()
    {
        // Figure 7 (f): the follower holds terms 2 and 3 that never were committed.
        var leader = DrivenCore.With("1 1 1 4 4 5 5 6 6 6", term: 7);
        var follower = DrivenCore.With("1 1 1 2 2 2 3 3 3 3 3", term: 7);
        var message = leader.Lead("c").To<AppendEntries>("b");
        var rounds = 0;
        while (true)
        {
            rounds++;
            var reply = follower.Receive(message with { From = Say.Node("b"), To = Say.Node("a") })
                .Only<AppendEntriesReply>();
            if (reply.Success) break;
            message = leader.Receive(reply with { From = Say.Node("b"), To = Say.Node("a") })
                .To<AppendEntries>("b");
        }

        follower.Log.ShouldBe("1 1 1 4 4 5 5 6 6 6 8");
        rounds.ShouldBeLessThanOrEqualTo(4);
    }

    [Fact]
    public void Appends_are_pipelined_batched_and_limited()
    {
        var node = new DrivenCore(options: new() { MaxInflightAppends = 3, MaxAppendBytes = 250 });
        node.LeadAndCommit();
        byte[][] payloads = [.. Enumerable.Range(0, 20).Select(i => new[] { (byte)i })];
        var burst = node.Step(Say.ProposeAll("p", false, payloads));
        var sent = burst.Sent<AppendEntries>().Where(m => m.To == Say.Node("b")).ToArray();
        sent.Select(m => (m.PreviousIndex.Value, m.Entries.Count)).ShouldBe([(1, 3), (4, 3), (7, 3)]);
        node.Step(Say.Propose("more")).Sent<AppendEntries>().ShouldBeEmpty();
        node.Receive(Say.Accepts(sent[0])).Sent<AppendEntries>().ShouldHaveSingleItem().PreviousIndex
            .ShouldBe(Say.At(10));
    }

    [Fact]
    public void A_large_payload_travels_alone()
    {
        var node = new DrivenCore(options: new() { MaxAppendBytes = 100 });
        node.LeadAndCommit();
        node.Step(Say.ProposeAll("p", false, new byte[5000], [1])).Sent<AppendEntries>()
            .Select(m => m.Entries.Count).ShouldBe([1, 1]);
    }

    [Fact]
    public void A_lost_append_is_noticed_at_the_next_heartbeat_and_sent_again()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        node.Step(Say.Propose("lost"));
        var heartbeat = node.After(100).To<AppendEntries>("b");
        (heartbeat.PreviousIndex, heartbeat.Entries.Count).ShouldBe((Say.At(2), 0));
        var again = node.Receive(Say.Refuses(heartbeat, 2)).To<AppendEntries>("b");
        (again.PreviousIndex, again.Entries.Count).ShouldBe((Say.At(1), 1));
        node.Receive(Say.Accepts(again)).Committed.Count.ShouldBe(1);
    }

    [Fact]
    public void A_lost_answer_is_made_good_by_the_next_heartbeats_answer()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        node.Step(Say.Propose("x"));
        node.Receive(Say.Accepts(node.After(100).To<AppendEntries>("b"))).Committed.Count.ShouldBe(1);
    }

    [Fact]
    public void Silence_about_entries_under_way_steps_back_to_the_match_index()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        node.Step(Say.Propose("x"));
        node.After(100);
        node.After(100);
        var probe = node.After(100).To<AppendEntries>("b");
        (probe.PreviousIndex, probe.Entries.Count).ShouldBe((Say.At(1), 1));
    }

    [Fact]
    public void Late_and_doubled_answers_never_move_a_follower_back()
    {
        var node = new DrivenCore();
        var first = node.LeadAndCommit();
        node.Receive(Say.Accepts(first));
        var one = node.Step(Say.Propose("1")).To<AppendEntries>("b");
        var two = node.Step(Say.Propose("2")).To<AppendEntries>("b");
        node.Receive(Say.Accepts(two)).Committed.Count.ShouldBe(2);
        node.Receive(Say.Accepts(one), Say.Accepts(one), Say.Refuses(one, 1)).Sent<AppendEntries>()
            .ShouldBeEmpty();
        node.Step(Say.Propose("3")).To<AppendEntries>("b").PreviousIndex.ShouldBe(Say.At(3));
    }

    [Fact]
    public void A_stale_refusal_after_a_step_back_changes_nothing()
    {
        var node = DrivenCore.With("1 1 1 1 1", term: 1);
        var probe = node.Lead("b").To<AppendEntries>("b");
        var retry = node.Receive(Say.Refuses(probe, 3)).Only<AppendEntries>();
        retry.PreviousIndex.ShouldBe(Say.At(2));
        node.Receive(Say.Refuses(probe, 1)).Sent<AppendEntries>().ShouldBeEmpty();
        node.Receive(Say.Accepts(retry)).Committed.Count.ShouldBe(6);
    }

    [Fact]
    public void A_late_answer_to_an_earlier_leadership_of_this_node_moves_nobody()
    {
        var node = DrivenCore.With("1 1 1", term: 1);
        var earlier = Say.Accepts(node.Lead("c").To<AppendEntries>("b"));
        node.Receive(Say.AskVote("c", 9));
        var probe = node.Lead("c").To<AppendEntries>("b");
        var late = earlier with { Term = node.Core.Term };
        node.Receive(late).Sent<AppendEntries>().ShouldBeEmpty();
        node.Receive(late with { Success = false, ConflictIndex = Say.At(1) }).Sent<AppendEntries>()
            .ShouldBeEmpty();
        node.Receive(Say.Accepts(probe)).Committed.Terms().ShouldBe("1 1 1 2 10");
    }

    [Fact]
    public void A_leader_without_a_majority_for_the_election_maximum_steps_down()
    {
        var node = new DrivenCore();
        var elected = node.Now;
        node.LeadAndCommit();
        elected = node.Now;
        while (node.Core.Role == RaftRole.Leader) node.Expire();
        (node.Now - elected).ShouldBe(1000);
        (node.Core.Leader, node.Core.Term).ShouldBe((NodeId.None, Say.InTerm(1)));
        node.Disk.HardState.Vote.ShouldBe(Say.Node("a"));
    }

    [Fact]
    public void A_leader_that_hears_one_of_two_followers_stays()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        for (var i = 0; i < 100; i++)
        {
            var heartbeats = node.Expire().Sent<AppendEntries>();
            node.Receive(Say.Accepts(heartbeats.First(m => m.To == Say.Node("b"))));
        }

        node.Core.Role.ShouldBe(RaftRole.Leader);
    }

    [Fact]
    public void Open_proposals_are_left_unanswered_at_step_down_because_nobody_knows()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        node.Step(Say.Propose("x"));
        var output = node.Receive(Say.AskVote("c", 9, 99, 9), Say.Append("c", 9, 1, 1, "9", commit: 2));
        output.Replies.ShouldBeEmpty();
        node.Log.ShouldBe("1 9");
    }

    [Fact]
    public void Acknowledging_more_than_the_log_holds_stops_the_node()
    {
        var node = new DrivenCore();
        var probe = node.Lead("b").To<AppendEntries>("b");
        Should.Throw<InvalidOperationException>(() =>
            node.Receive(Say.Accepts(probe) with { MatchIndex = Say.At(5) }));
    }

    [Fact]
    public void The_commit_index_is_announced_for_twenty_heartbeats_and_then_each_second()
    {
        var node = new DrivenCore("a");
        node.Step();
        node.Step();
        var announced = Enumerable.Range(0, 60).Select(_ => node.Expire().AnnounceCommit).ToArray();
        announced.Take(20).ShouldAllBe(said => said);
        announced.Skip(20).Count(said => said).ShouldBe(4);
        node.Step(Say.Propose("x"));
        node.Step();
        Enumerable.Range(0, 20).ShouldAllBe(_ => node.Expire().AnnounceCommit);
    }

    [Fact]
    public void Large_entries_do_not_fill_the_way_to_a_follower()
    {
        var node = new DrivenCore(options: new() { MaxAppendBytes = 1, MaxInflightBytes = 200 });
        var first = node.Lead("b");
        node.Receive(Say.Accepts(first.To<AppendEntries>("b")), Say.Accepts(first.To<AppendEntries>("c")));
        var blob = new byte[100];
        var sent = node.Step(Say.ProposeAll("p", false, blob, blob, blob, blob)).Sent<AppendEntries>()
            .Where(message => message.To == Say.Node("b")).ToList();
        sent.Count.ShouldBe(2);
        node.Receive(Say.Accepts(sent[0])).Sent<AppendEntries>().Count.ShouldBe(1);
        node.Receive(Say.Accepts(sent[1])).Sent<AppendEntries>().Count.ShouldBe(1);
    }
}
