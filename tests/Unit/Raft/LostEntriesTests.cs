using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Raft;

/// <summary>A follower whose disk forgot what it had acknowledged: an old copy of its folder.</summary>
public sealed class LostEntriesTests
{
    [Fact]
    public void A_denied_acknowledgement_is_reported_once_and_repaired_from_the_hint()
    {
        var node = Acknowledged();
        var output = node.Receive(Say.Refuses(node.After(100).To<AppendEntries>("b"), 2));
        output.Lost.ShouldBe([new EntriesLost(Say.Node("b"), Say.At(4), Say.At(4))]);
        var repair = output.To<AppendEntries>("b");
        (repair.PreviousIndex, repair.Entries.Count).ShouldBe((Say.At(1), 3));
        output = node.Receive(Say.Refuses(repair, 1));
        output.Lost.ShouldBeEmpty();
        output.To<AppendEntries>("b").PreviousIndex.ShouldBe(LogIndex.Zero);
    }

    [Fact]
    public void Who_lost_entries_does_not_count_again_in_this_leadership()
    {
        var node = Acknowledged();
        var repair = node.Receive(Say.Refuses(node.After(100).To<AppendEntries>("b"), 2))
            .To<AppendEntries>("b");
        node.Receive(Say.Accepts(repair)).Lost.ShouldBeEmpty();
        var next = node.Step(Say.Propose("next")).To<AppendEntries>("b");
        node.Receive(Say.Accepts(next)).Committed.ShouldBeEmpty();
        node.Core.CommitIndex.ShouldBe(Say.At(4));
        var heartbeat = node.After(100).To<AppendEntries>("c");
        var rest = node.Receive(Say.Accepts(heartbeat)).To<AppendEntries>("c");
        node.Receive(Say.Accepts(rest)).Committed.Count.ShouldBe(1);
    }

    [Fact]
    public void A_request_that_overtook_the_entries_proves_nothing()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        var append = node.Step(Say.Propose("x")).To<AppendEntries>("b");
        var overtaking = node.After(100).To<AppendEntries>("b");
        overtaking.PreviousIndex.ShouldBe(Say.At(2));
        node.Receive(Say.Accepts(append)).Committed.Count.ShouldBe(1);
        var output = node.Receive(Say.Refuses(overtaking, 2));
        output.Lost.ShouldBeEmpty();
        output.Sent<AppendEntries>().ShouldBeEmpty();
        node.Step(Say.Propose("y")).To<AppendEntries>("b").PreviousIndex.ShouldBe(Say.At(2));
    }

    [Fact]
    public void An_acknowledgement_from_before_the_loss_does_not_bring_the_entries_back()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        var late = Say.Accepts(node.Step(Say.Propose("x")).To<AppendEntries>("b"));
        node.Receive(late);
        var refused = Say.Refuses(node.After(100).To<AppendEntries>("b"), 1);
        var repair = node.Receive(refused).To<AppendEntries>("b");
        node.Receive(late).Sent<AppendEntries>().ShouldBeEmpty();
        node.Receive(Say.Accepts(repair)).Lost.ShouldBeEmpty();
        node.Step(Say.Propose("y")).To<AppendEntries>("b").PreviousIndex.ShouldBe(Say.At(2));
    }

    // A leader with four committed entries, all of them acknowledged by b; c has answered nothing.
    private static DrivenCore Acknowledged()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        var append = node.Step(Say.ProposeAll("p", false, [1], [2], [3])).To<AppendEntries>("b");
        node.Receive(Say.Accepts(append)).Committed.Count.ShouldBe(3);
        return node;
    }
}
