using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Raft;

/// <summary>Linearizable reads without leases: dissertation, section 6.4.</summary>
public sealed class ReadIndexTests
{
    [Fact]
    public void A_read_is_answered_when_a_majority_answers_a_heartbeat_sent_after_it()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        var output = node.Step(Say.Read());
        output.Replies.ShouldBeEmpty();
        var answer = node.Receive(Say.Accepts(output.To<AppendEntries>("b"))).Answers<ReadIndexFound>()
            .ShouldHaveSingleItem();
        (answer.RequestId, answer.Index, answer.Term).ShouldBe(("q", Say.At(1), Say.InTerm(1)));
    }

    [Fact]
    public void Answers_to_older_heartbeats_confirm_nothing()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        var older = node.After(100).Sent<AppendEntries>();
        var output = node.Step(Say.Read());
        node.Receive([.. older.Select(m => Say.Accepts(m)), .. older.Select(m => Say.Accepts(m))]).Replies
            .ShouldBeEmpty();
        node.Receive(Say.Accepts(output.To<AppendEntries>("c"))).Answers<ReadIndexFound>().Count.ShouldBe(1);
    }

    [Fact]
    public void An_answer_to_a_request_of_the_leaders_earlier_life_confirms_nothing()
    {
        var node = DrivenCore.With("1 1", term: 5);
        var round = Say.Accepts(node.LeadAndCommit());
        node.Receive(round with { RequestId = 9000, Success = false });
        var asked = node.Step(Say.Read());
        asked.Replies.ShouldBeEmpty();
        node.Receive(round with { RequestId = 9001, Success = false }).Replies.ShouldBeEmpty();
        node.Receive(round with { RequestId = 0, Success = false }).Replies.ShouldBeEmpty();
        node.Receive(Say.Accepts(asked.To<AppendEntries>("c"))).Answers<ReadIndexFound>().Count.ShouldBe(1);
    }

    [Fact]
    public void A_new_leader_answers_only_after_an_entry_of_its_term_is_committed()
    {
        var node = DrivenCore.With("1 1", term: 1);
        var first = node.Lead("b");
        var asked = node.Step(Say.Read());
        asked.Sent<AppendEntries>().ShouldBeEmpty();
        var committed = node.Receive(Say.Accepts(first.To<AppendEntries>("b")));
        committed.Replies.ShouldBeEmpty();
        node.Receive(Say.Accepts(committed.To<AppendEntries>("b"))).Answers<ReadIndexFound>()
            .ShouldHaveSingleItem().Index.ShouldBe(Say.At(3));
    }

    [Fact]
    public void Reads_of_one_step_share_a_round_and_later_ones_take_the_next()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        var first = node.Step(Say.Read("1"), Say.Read("2"));
        first.Sent<AppendEntries>().Count.ShouldBe(2);
        node.Step(Say.Read("3")).Sent<AppendEntries>().ShouldBeEmpty();
        var second = node.Receive(Say.Accepts(first.To<AppendEntries>("b")));
        second.Answers<ReadIndexFound>().Select(a => a.RequestId).ShouldBe(["1", "2"]);
        node.Receive(Say.Accepts(first.To<AppendEntries>("c"))).Replies.ShouldBeEmpty();
        node.Receive(Say.Accepts(second.To<AppendEntries>("c"))).Answers<ReadIndexFound>()
            .Select(a => a.RequestId).ShouldBe(["3"]);
    }

    [Fact]
    public void The_index_covers_what_was_committed_before_the_round()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        var append = node.Step(Say.Propose("x")).To<AppendEntries>("b");
        var output = node.Receive([Say.Accepts(append)]);
        output.Answers<EntriesProposed>().Count.ShouldBe(1);
        var round = node.Step(Say.Read()).To<AppendEntries>("b");
        node.Receive(Say.Accepts(round)).Answers<ReadIndexFound>().ShouldHaveSingleItem().Index
            .ShouldBe(Say.At(2));
    }

    [Fact]
    public void A_refused_heartbeat_still_says_that_the_follower_follows()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        var round = node.Step(Say.Read()).To<AppendEntries>("c");
        node.Receive(Say.Refuses(round, 1)).Answers<ReadIndexFound>().Count.ShouldBe(1);
    }

    [Fact]
    public void A_lost_round_is_confirmed_by_the_next_heartbeat()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        node.Step(Say.Read());
        node.Receive(Say.Accepts(node.After(100).To<AppendEntries>("b"))).Answers<ReadIndexFound>().Count
            .ShouldBe(1);
    }

    [Fact]
    public void A_follower_refuses_and_names_the_leader()
    {
        var node = new DrivenCore();
        node.Receive(Say.Append("b", 3, 0, 0));
        var refused = node.Step(Say.Read(), Say.Propose("x", "p1")).Answers<ConsensusRefused>();
        refused.Select(r => r.RequestId).ShouldBe(["q", "p1"]);
        refused.Select(r => (r.Reason, r.LeaderHint, r.Term)).Distinct()
            .ShouldBe([(ConsensusRefusal.NotLeader, Say.Node("b"), Say.InTerm(3))]);
    }

    [Fact]
    public void Waiting_reads_are_refused_at_step_down_confirmed_or_not()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        var round = node.Step(Say.Read("1"));
        node.Step(Say.Read("2"));
        var output = node.Receive(
            Say.Accepts(round.To<AppendEntries>("b")) with { Term = Say.InTerm(5), Success = false },
            Say.Accepts(round.To<AppendEntries>("b")));
        output.Answers<ReadIndexFound>().ShouldBeEmpty();
        output.Answers<ConsensusRefused>().Select(r => (r.RequestId, r.Reason))
            .ShouldBe([("1", ConsensusRefusal.NotLeader), ("2", ConsensusRefusal.NotLeader)]);
    }

    [Fact]
    public void Waiting_reads_are_bounded()
    {
        var node = new DrivenCore(options: new() { MaxPendingReads = 2 });
        node.LeadAndCommit();
        var refused = node.Step(Say.Read("1"), Say.Read("2"), Say.Read("3")).Answers<ConsensusRefused>();
        refused.ShouldHaveSingleItem().Reason.ShouldBe(ConsensusRefusal.Overloaded);
    }
}
