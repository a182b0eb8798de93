using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Raft.Paper;

/// <summary>
/// Rules of the text, sections 5 to 8, and of figures 3 and 13, that no other test is named for.
/// </summary>
public sealed class SectionTests
{
    [Fact]
    public void Section_5_1_terms_only_grow()
    {
        var node = DrivenCore.With("", term: 5);
        node.Receive(Say.Append("b", 3, 0, 0), Say.AskVote("c", 4), Say.Append("b", 5, 0, 0));
        node.Core.Term.ShouldBe(Say.InTerm(5));
        node.Receive(Say.AskVote("c", 6));
        node.Core.Term.ShouldBe(Say.InTerm(6));
        node.Restart();
        node.Core.Term.ShouldBe(Say.InTerm(6));
    }

    [Fact]
    public void Section_5_2_a_candidate_refuses_a_leader_of_an_older_term_and_stands_on()
    {
        var node = DrivenCore.With("", term: 2);
        node.WinPreVote("b");
        var answer = node.Receive(Say.Append("c", 2, 0, 0)).Only<AppendEntriesReply>();
        (answer.Success, answer.Term).ShouldBe((false, Say.InTerm(3)));
        (node.Core.Role, node.Core.Leader).ShouldBe((RaftRole.Candidate, NodeId.None));
    }

    [Fact]
    public void Section_5_2_a_candidate_recognizes_a_leader_of_its_own_term()
    {
        var node = DrivenCore.With("", term: 2);
        node.WinPreVote("b");
        node.Receive(Say.Append("c", 3, 0, 0)).Only<AppendEntriesReply>().Success.ShouldBeTrue();
        (node.Core.Role, node.Core.Leader).ShouldBe((RaftRole.Follower, Say.Node("c")));
    }

    [Fact]
    public void Section_5_3_figure_3_leader_append_only()
    {
        var node = DrivenCore.With("1 1 2", term: 2);
        var probe = node.Lead("b").To<AppendEntries>("b");
        RaftOutput[] outputs =
        [
            node.Receive(Say.Refuses(probe, conflictIndex: 1, conflictTerm: 1)),
            node.Receive(Say.Append("c", 2, 0, 0, "2 2 2")),
            node.Receive(Say.AskVote("c", 3, 9, 9)),
            node.Step(Say.Propose("x")),
        ];
        outputs.ShouldAllBe(output => output.TruncateFrom == null);
        node.Log.ShouldBe("1 1 2 3 3");
        node.Core.Role.ShouldBe(RaftRole.Leader);
    }

    [Fact]
    public void Section_5_3_a_leader_retries_a_slow_follower_even_after_it_has_answered_the_client()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        var output = node.Step(Say.Propose("x"));
        node.Receive(Say.Accepts(output.To<AppendEntries>("b"))).Answers<EntriesProposed>()
            .ShouldHaveSingleItem();

        // c hears heartbeats and loses whatever has entries: it is sent them again and again.
        var sent = 0;
        for (var beat = 0; beat < 40; beat++)
        {
            var messages = node.After(100).Sent<AppendEntries>().ToList();
            while (messages.Count > 0)
            {
                sent += messages.Count(m => m.To == Say.Node("c") && m.Entries.Count == 2);
                var answers = messages.Where(m => m.To == Say.Node("b") || m.Entries.Count == 0).Select(
                    m => m.To == Say.Node("b") || m.PreviousIndex == LogIndex.Zero
                        ? Say.Accepts(m)
                        : Say.Refuses(m, conflictIndex: 1));
                messages = [.. node.Receive([.. answers]).Sent<AppendEntries>()];
            }
        }

        sent.ShouldBeGreaterThan(3);
    }

    [Fact]
    public void Section_5_3_the_commit_index_travels_with_later_requests_heartbeats_too()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        node.Step(Say.Propose("x")).To<AppendEntries>("b").CommitIndex.ShouldBe(Say.At(1));
        var heartbeat = node.After(100).To<AppendEntries>("b");
        (heartbeat.Entries.Count, heartbeat.CommitIndex).ShouldBe((0, Say.At(1)));
    }

    [Fact]
    public void Section_5_3_a_follower_that_lacks_the_entry_before_takes_nothing()
    {
        var node = DrivenCore.With("1", term: 1);
        var output = node.Receive(Say.Append("b", 1, 2, 1, "1", commit: 3));
        output.Only<AppendEntriesReply>().Success.ShouldBeFalse();
        (node.Log, node.Core.CommitIndex).ShouldBe(("1", LogIndex.Zero));
    }

    [Fact]
    public void Section_5_4_2_entries_of_former_terms_are_committed_with_the_first_of_the_own()
    {
        var node = DrivenCore.With("1 2 2", term: 2);
        var probe = node.Lead("b").To<AppendEntries>("b");
        node.Core.CommitIndex.ShouldBe(LogIndex.Zero);
        node.Receive(Say.Accepts(probe)).Committed.Terms().ShouldBe("1 2 2 3");
    }

    [Fact]
    public void Section_5_5_a_request_that_comes_again_after_a_crash_is_answered_the_same()
    {
        var node = new DrivenCore();
        var request = Say.Append("b", 1, 0, 0, "1 1", commit: 1);
        var first = node.Receive(request).Only<AppendEntriesReply>();
        node.Restart();
        var again = node.Receive(request);
        again.Only<AppendEntriesReply>().ShouldBe(first);
        again.Append.ShouldBeEmpty();
        node.Log.ShouldBe("1 1");

        // And a vote: the same candidate hears the same.
        node.Receive(Say.AskVote("c", 2, 2, 1)).Only<RequestVoteReply>().Granted.ShouldBeTrue();
        node.Restart();
        node.Receive(Say.AskVote("c", 2, 2, 1)).Only<RequestVoteReply>().Granted.ShouldBeTrue();
    }

    [Fact]
    public void Section_5_6_the_election_timeout_must_be_above_the_heartbeat()
    {
        var options = new RaftOptions { HeartbeatMilliseconds = 500, ElectionMinMilliseconds = 500 };
        Should.Throw<ArgumentException>(options.ThrowIfInvalid).Message.ShouldContain("500");
    }

    [Fact]
    public void Section_7_figure_13_1_a_snapshot_of_an_older_term_is_refused()
    {
        var node = DrivenCore.With("1", term: 3);
        var output = node.Receive(Say.Install("b", 2, 5, 2));
        var answer = output.Only<InstallSnapshotReply>();
        (answer.Term, answer.MatchIndex).ShouldBe((Say.InTerm(3), LogIndex.Zero));
        output.Snapshot.ShouldBeNull();
        node.Log.ShouldBe("1");
    }

    [Fact]
    public void Section_7_a_snapshot_from_the_leader_is_a_word_of_it()
    {
        var node = new DrivenCore();
        node.Step();
        node.After(499);
        node.Receive(Say.Install("b", 1, 5, 1));
        (node.Core.Leader, node.Core.CommitIndex).ShouldBe((Say.Node("b"), Say.At(5)));
        node.After(499).Sent<PreVote>().ShouldBeEmpty();
    }

    [Fact]
    public void Section_7_elections_go_by_the_snapshots_last_index_and_term()
    {
        var node = new DrivenCore();
        node.Receive(Say.Install("b", 2, 5, 2));
        node.Receive(Say.AskVote("c", 3, 4, 2)).Only<RequestVoteReply>().Granted.ShouldBeFalse();
        node.Receive(Say.AskVote("c", 4, 9, 1)).Only<RequestVoteReply>().Granted.ShouldBeFalse();
        node.Receive(Say.AskVote("c", 5, 5, 2)).Only<RequestVoteReply>().Granted.ShouldBeTrue();
    }

    [Fact]
    public void Section_8_a_leader_begins_its_term_with_an_empty_entry()
    {
        var node = DrivenCore.With("1", term: 1);
        var entry = node.Lead("b").Append.ShouldHaveSingleItem();
        (entry.Kind, entry.Term, entry.Index).ShouldBe((EntryKind.Empty, Say.InTerm(2), Say.At(2)));
    }

    [Fact]
    public void Section_8_who_does_not_lead_refuses_and_names_the_leader()
    {
        var node = new DrivenCore();
        node.Receive(Say.Append("b", 1, 0, 0));
        var refusal = node.Step(Say.Propose("x")).Answers<ConsensusRefused>().ShouldHaveSingleItem();
        (refusal.Reason, refusal.LeaderHint).ShouldBe((ConsensusRefusal.NotLeader, Say.Node("b")));
        node.Core.LastIndex.ShouldBe(LogIndex.Zero);
    }

    [Fact]
    public void Section_8_two_askers_with_one_request_id_are_both_answered()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        var other = ReplyAddress.Inbox("other", "r");
        var round = node.Step(Say.Read("q"), Say.Read("q") with { From = other }).To<AppendEntries>("b");
        node.Receive(Say.Accepts(round)).Replies.Select(reply => reply.To).ShouldBe([Say.Client, other]);

        var entries = node.Step(Say.Propose("x"), Say.Propose("y") with { From = other })
            .To<AppendEntries>("b");
        var done = node.Receive(Say.Accepts(entries));
        done.Replies.Select(reply => reply.To).ShouldBe([Say.Client, other]);
        done.Answers<EntriesProposed>().Select(answer => answer.LastIndex).ShouldBe([Say.At(2), Say.At(3)]);
    }
}
