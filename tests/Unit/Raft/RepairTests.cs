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

    private static DrivenCore Damaged(string log, long lostUpTo, long term) => new(disk: new FakeDisk
    {
        HardState = new(Say.InTerm(term), NodeId.None),
        Entries = Say.Log(log),
        Damage = new LogDamage(Say.At(lostUpTo), Say.InTerm(term)),
    });
}
