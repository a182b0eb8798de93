using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Raft;

/// <summary>Leadership transfer: dissertation, section 3.10.</summary>
public sealed class TransferTests
{
    private static readonly TimeoutNow Told =
        new() { From = Say.Node("b"), To = Say.Node("a"), Term = Say.InTerm(1) };

    [Fact]
    public void A_successor_with_every_entry_is_told_at_once()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        var told = node.Step(Transfer("b")).Only<TimeoutNow>();
        (told.To, told.Term).ShouldBe((Say.Node("b"), Say.InTerm(1)));
        node.Core.IsHandingOver.ShouldBeTrue();
    }

    [Fact]
    public void A_successor_that_lacks_entries_gets_them_first_and_others_have_to_wait()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        var entry = node.Step(Say.Propose("x")).To<AppendEntries>("b");
        var output = node.Step(Transfer("b"), Say.Propose("y", "held"));
        output.Sent<TimeoutNow>().ShouldBeEmpty();
        output.Sent<AppendEntries>().ShouldBeEmpty();
        node.Core.LastIndex.ShouldBe(Say.At(2));

        node.Receive(Say.Accepts(entry)).Only<TimeoutNow>().To.ShouldBe(Say.Node("b"));
    }

    [Fact]
    public void Without_a_name_the_follower_with_the_longest_log_is_taken()
    {
        var node = new DrivenCore();
        var toC = node.LeadAndCommit();
        node.Receive(Say.Accepts(toC));
        var entry = node.Step(Say.Propose("x"));
        node.Receive(Say.Accepts(entry.To<AppendEntries>("c")));
        node.Step(Transfer()).Only<TimeoutNow>().To.ShouldBe(Say.Node("c"));
    }

    [Fact]
    public void The_word_is_repeated_with_each_heartbeat_until_the_time_is_up()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        node.Step(Transfer("b"));
        node.Step().Sent<TimeoutNow>().ShouldBeEmpty();
        var repeated = node.After(100);
        repeated.Only<TimeoutNow>().To.ShouldBe(Say.Node("b"));
        for (var i = 0; i < 8; i++)
        {
            repeated = Confirmed(node, repeated);
        }
        node.Step(Say.Propose("y", "held")).Replies.ShouldBeEmpty();
        node.Core.IsHandingOver.ShouldBeTrue();

        // Until now it took no entry; then it leads on with what waited.
        var over = Confirmed(node, repeated);
        over.Answers<ConsensusRefused>().ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(
                refused => refused.Reason.ShouldBe(ConsensusRefusal.NotTransferred),
                refused => refused.RequestId.ShouldBe("t"),
                refused => refused.Message.ShouldContain("1000 ms"));
        over.Sent<TimeoutNow>().ShouldBeEmpty();
        node.Core.LastIndex.ShouldBe(Say.At(2));
        (node.Core.Role, node.Core.IsHandingOver).ShouldBe((RaftRole.Leader, false));
    }

    [Fact]
    public void Who_asked_is_answered_when_the_next_leader_is_heard()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        node.Step(Transfer("b"), Say.Propose("y", "held"));
        var deposed = node.Receive(Say.AskVote("b", 2, lastIndex: 1, lastTerm: 1));
        deposed.Only<RequestVoteReply>().Granted.ShouldBeTrue();
        deposed.Answers<ConsensusRefused>().ShouldHaveSingleItem().RequestId.ShouldBe("held");
        node.Core.IsHandingOver.ShouldBeTrue();

        var answer = node.Receive(Say.Append("b", 2, 1, 1, "2")).Answers<LeadershipTransferred>();
        answer.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            done => done.Leader.ShouldBe(Say.Node("b")),
            done => done.Term.ShouldBe(Say.InTerm(2)),
            done => done.RequestId.ShouldBe("t"));
        node.Core.IsHandingOver.ShouldBeFalse();
    }

    [Fact]
    public void Without_any_leader_afterwards_it_is_refused_in_time()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        node.Step(Transfer("b"));
        node.Receive(Say.AskVote("b", 2, lastIndex: 1, lastTerm: 1));
        node.After(999).Replies.ShouldBeEmpty();
        node.Core.NextDeadline.ShouldBeLessThanOrEqualTo(node.Now + 1);
        node.After(1).Answers<ConsensusRefused>().ShouldHaveSingleItem().Reason
            .ShouldBe(ConsensusRefusal.NotTransferred);
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        Reason(new DrivenCore().Step(Transfer("b"))).ShouldBe(ConsensusRefusal.NotLeader);

        var node = new DrivenCore();
        node.LeadAndCommit();
        Reason(node.Step(Transfer("z"))).ShouldBe(ConsensusRefusal.Invalid);
        node.Step(Transfer("a")).Answers<LeadershipTransferred>().ShouldHaveSingleItem().Leader
            .ShouldBe(Say.Node("a"));
        node.Step(Transfer("b")).Replies.ShouldBeEmpty();
        Reason(node.Step(Transfer("c"))).ShouldBe(ConsensusRefusal.Overloaded);

        var alone = new DrivenCore("a");
        alone.Step();
        alone.Core.Role.ShouldBe(RaftRole.Leader);
        Reason(alone.Step(Transfer())).ShouldBe(ConsensusRefusal.NotTransferred);
    }

    [Fact]
    public void A_follower_that_was_not_heard_just_now_is_no_successor()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        node.Receive(Say.Accepts(node.After(300).To<AppendEntries>("b")));
        node.After(300);
        Reason(node.Step(Transfer("c"))).ShouldBe(ConsensusRefusal.NotTransferred);
        node.Step(Transfer()).Only<TimeoutNow>().To.ShouldBe(Say.Node("b"));
    }

    [Fact]
    public void A_follower_that_is_told_stands_at_once_without_a_pre_vote()
    {
        var node = new DrivenCore();
        node.Receive(Say.Append("b", 1, 0, 0, "1"));
        var output = node.Receive(Told);
        output.HardState.ShouldBe(new HardState(Say.InTerm(2), Say.Node("a")));
        output.Messages.OfType<RequestVote>().Count().ShouldBe(2);
        output.Early.ShouldBeEmpty();
        node.Receive(Say.Grants(output.To<RequestVote>("c")));
        (node.Core.Role, node.Core.Term).ShouldBe((RaftRole.Leader, Say.InTerm(2)));
    }

    [Fact]
    public void A_word_that_comes_late_or_twice_changes_nothing()
    {
        var node = new DrivenCore();
        node.Receive(Say.Append("b", 1, 0, 0, "1"));
        node.Receive(Told);
        node.Receive(Told).Sent<RequestVote>().ShouldBeEmpty();
        node.Core.Term.ShouldBe(Say.InTerm(2));

        var later = new DrivenCore();
        later.Receive(Say.Append("b", 3, 0, 0, "3"));
        later.Receive(Told).Sent<RequestVote>().ShouldBeEmpty();
        (later.Core.Role, later.Core.Term).ShouldBe((RaftRole.Follower, Say.InTerm(3)));
    }

    [Fact]
    public void Who_leaves_hands_over_and_asks_nobody_for_an_answer()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        var output = node.Step(new LeaveReceived());
        output.Only<TimeoutNow>().To.ShouldBe(Say.Node("b"));
        output.Replies.ShouldBeEmpty();
        node.Receive(Say.AskVote("b", 2, lastIndex: 1, lastTerm: 1)).Only<RequestVoteReply>().Granted
            .ShouldBeTrue();
        node.Receive(Say.Append("b", 2, 1, 1, "2")).Replies.ShouldBeEmpty();
        node.Core.IsHandingOver.ShouldBeFalse();
    }

    [Fact]
    public void Who_leaves_stands_no_more_but_votes()
    {
        var node = new DrivenCore();
        node.Stand();
        node.Step(new LeaveReceived());
        node.Core.Role.ShouldBe(RaftRole.Follower);
        for (var i = 0; i < 5; i++)
        {
            node.Expire().Sent<PreVote>().ShouldBeEmpty();
        }
        node.Receive(Told with { Term = Term.Zero }).Sent<RequestVote>().ShouldBeEmpty();
        node.Receive(Say.AskVote("c", 1)).Only<RequestVoteReply>().Granted.ShouldBeTrue();
    }

    private static TransferReceived Transfer(string? to = null) => new(
        Say.Client,
        new() { Group = "g", RequestId = "t", To = to is null ? NodeId.None : Say.Node(to) });

    private static ConsensusRefusal Reason(RaftOutput output) =>
        output.Answers<ConsensusRefused>().ShouldHaveSingleItem().Reason;

    /// <summary>Both followers answer, so that the leader keeps its quorum, and a heartbeat passes.</summary>
    private static RaftOutput Confirmed(DrivenCore node, RaftOutput asked)
    {
        node.Receive([.. asked.Sent<AppendEntries>().Select(request => Say.Accepts(request))]);
        return node.After(100);
    }
}
