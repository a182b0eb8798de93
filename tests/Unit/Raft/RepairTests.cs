using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Raft;

/// <summary>
/// A node whose disk lost entries must not vote until it has them back: it may have made their commit
/// possible.
/// </summary>
public sealed class RepairTests
{
    [Fact]
    public void A_damaged_node_neither_stands_nor_votes()
    {
        var node = Damaged("1 1", lostUpTo: 4, term: 1);
        node.Core.IsRepairing.ShouldBeTrue();
        node.Core.Describe(node.Now).IsRepairing.ShouldBeTrue();
        for (var i = 0; i < 3; i++)
        {
            node.Expire().Sent<PreVote>().ShouldBeEmpty();
        }
        node.Receive(Say.AskPreVote("b", 2, 9, 9)).Only<PreVoteReply>().Granted.ShouldBeFalse();
        var asked = node.Receive(Say.AskVote("b", 2, 9, 9));
        asked.Only<RequestVoteReply>().Granted.ShouldBeFalse();
        asked.HardState.ShouldBe(new HardState(Say.InTerm(2), NodeId.None));
        node.Receive(new TimeoutNow { From = Say.Node("b"), To = Say.Node("a"), Term = Say.InTerm(2) })
            .Sent<RequestVote>().ShouldBeEmpty();
    }

    [Fact]
    public void It_is_repaired_when_all_that_it_may_have_acknowledged_is_committed()
    {
        var node = Damaged("1 1", lostUpTo: 4, term: 1);
        node.Receive(Say.Append("b", 1, 2, 1, "1 1", commit: 3)).IsRepaired.ShouldBeFalse();
        node.Core.IsRepairing.ShouldBeTrue();
        node.Receive(Say.Append("b", 1, 4, 1, commit: 4)).IsRepaired.ShouldBeTrue();
        node.Core.IsRepairing.ShouldBeFalse();
        node.Receive(Say.Append("b", 1, 4, 1, "1", commit: 5)).IsRepaired.ShouldBeFalse();
        node.Receive(Say.AskVote("c", 2, 9, 9)).Only<RequestVoteReply>().Granted.ShouldBeTrue();
    }

    [Fact]
    public void An_entry_of_a_later_leaders_term_repairs_it_even_when_its_tail_was_given_up()
    {
        var node = Damaged("1 1", lostUpTo: 9, term: 2);
        node.Receive(Say.Append("b", 3, 2, 1, "2", commit: 3)).IsRepaired.ShouldBeFalse();
        node.Receive(Say.Append("b", 3, 3, 2, "3", commit: 4)).IsRepaired.ShouldBeTrue();
    }

    [Fact]
    public void A_snapshot_repairs_it_too()
    {
        var node = Damaged("", lostUpTo: 4, term: 1);
        node.Receive(Say.Install("b", 1, index: 5, snapshotTerm: 1)).IsRepaired.ShouldBeTrue();
    }

    [Fact]
    public void The_damage_outlives_a_restart()
    {
        var node = Damaged("1 1", lostUpTo: 4, term: 1);
        node.Receive(Say.Append("b", 1, 2, 1, "1", commit: 3));
        node.Restart();
        node.Core.IsRepairing.ShouldBeTrue();
        node.Receive(Say.Append("b", 1, 3, 1, "1", commit: 4)).IsRepaired.ShouldBeTrue();
        node.Restart();
        node.Core.IsRepairing.ShouldBeFalse();
    }

    /// <summary>
    /// What it lost is not known, so only a later leader's term ends it: a leader that stays would keep it
    /// from voting for ever, and the group from surviving the loss of another.
    /// </summary>
    [Fact]
    public void A_leader_hands_over_for_a_voter_that_has_all_and_abstains_for_long()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();

        Beats(node, 98, abstains: true).ShouldBeEmpty();
        Beats(node, 4, abstains: true).ShouldBe(["b"]);
    }

    [Fact]
    public void It_does_not_for_one_that_abstains_now_and_then()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        for (var round = 0; round < 3; round++)
        {
            Beats(node, 90, abstains: true).ShouldBeEmpty();
            Beats(node, 2, abstains: false).ShouldBeEmpty();
        }
    }

    /// <summary>Heartbeats that both followers answer; who is told to stand meanwhile.</summary>
    private static List<string> Beats(DrivenCore node, int count, bool abstains)
    {
        var told = new List<string>();
        for (var beat = 0; beat < count && told.Count == 0; beat++)
        {
            var output = node.After(node.Core.NextDeadline - node.Now);
            var answers = output.Sent<AppendEntries>().Select(request => Say.Accepts(request) with
            {
                Abstains = abstains && request.To == Say.Node("c"),
            }).ToArray<PeerMessage>();
            told.AddRange(output.Sent<TimeoutNow>().Concat(node.Receive(answers).Sent<TimeoutNow>())
                .Select(one => one.To.Value));
        }
        return told;
    }

    private static DrivenCore Damaged(string log, long lostUpTo, long term) => new(disk: new FakeDisk
    {
        HardState = new(Say.InTerm(term), NodeId.None),
        Entries = Say.Log(log),
        Damage = new LogDamage(Say.At(lostUpTo), Say.InTerm(term)),
    });
}
