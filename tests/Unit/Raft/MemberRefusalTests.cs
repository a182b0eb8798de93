using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Raft;

/// <summary>Changes of the members that are refused, and say why.</summary>
public sealed class MemberRefusalTests
{
    [Theory]
    [InlineData("", "names no node")]
    [InlineData("+d -d", "names a node twice")]
    [InlineData("+x", "has not announced its disk")]
    [InlineData("^d", "is no member")]
    [InlineData("-a -b -c", "would have no voter")]
    [InlineData("+d!", "is no name of a node")]
    public void Changes_that_make_no_sense_are_refused(string change, string why)
    {
        var refused = MembershipTests.Leading().Step(Say.Change(change)).Answers<ConsensusRefused>().Single();
        refused.Reason.ShouldBe(ConsensusRefusal.Invalid);
        refused.Message.ShouldContain(why);
    }

    [Fact]
    public void A_name_that_another_disk_has_must_be_removed_first()
    {
        var node = MembershipTests.WithLearner();
        var again = Say.Change("+d") with
        {
            Newcomers = new Dictionary<NodeId, string> { [Say.Node("d")] = "disk-new" },
        };
        var refused = node.Step(again).Answers<ConsensusRefused>().Single();
        refused.Message.ShouldContain("is a member by disk disk-d, and runs with disk disk-new");
        var bootstrap = Say.Change("+c") with
        {
            Newcomers = new Dictionary<NodeId, string> { [Say.Node("c")] = "disk-new" },
        };
        MembershipTests.Leading().Step(bootstrap).Answers<ConsensusRefused>().Single().Message
            .ShouldContain("is a member by disk disk-c, and runs with disk disk-new");
    }

    [Fact]
    public void Members_and_voters_have_a_limit()
    {
        var many = Enumerable.Range(0, 14).Select(i => new NodeId($"m{i}")).ToList();
        var change = new ChangeReceived(
            Say.Client, new ChangeMembers { Add = many },
            many.ToDictionary(node => node, node => $"disk-{node}"), new Dictionary<NodeId, string>());
        MembershipTests.Leading().Step(change).Answers<ConsensusRefused>().Single().Message
            .ShouldContain("17 members; at most 16");
        var node = MembershipTests.Leading("a b c d e f g h i", heard: "b c d e f");
        node.Step(Say.Change("+h2") with
        {
            Newcomers = new Dictionary<NodeId, string> { [new("h2")] = "x" },
        });
        node.Receive([.. "bcdef".Select(name => node.Matches($"{name}", 2))]);
        node.Step(Say.Change("^h2")).Answers<ConsensusRefused>().Single().Message
            .ShouldContain("10 voters; at most 9");
    }
}
