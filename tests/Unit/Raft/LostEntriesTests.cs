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
    public void Who_lost_entries_counts_again_once_it_has_them_all()
    {
        var node = Acknowledged(new RaftOptions { MaxAppendBytes = 1 });
        var repair = node.Receive(Say.Refuses(node.After(100).To<AppendEntries>("b"), 3))
            .To<AppendEntries>("b");
        repair.Entries.Count.ShouldBe(1);
        node.Step(Say.Propose("next"));
        var rest = node.Receive(Say.Accepts(repair)).Sent<AppendEntries>();
        rest.Select(request => request.Entries.Single().Index).ShouldBe([Say.At(4), Say.At(5)]);
        node.Core.CommitIndex.ShouldBe(Say.At(4));
        node.Receive(Say.Accepts(rest[0])).Lost.ShouldBeEmpty();
        node.Receive(Say.Accepts(rest[1])).Committed.Count.ShouldBe(1);

        // What it has again may be lost again.
        var denied = Say.Refuses(node.After(100).To<AppendEntries>("b"), 5);
        node.Receive(denied).Lost.ShouldBe([new EntriesLost(Say.Node("b"), Say.At(5), Say.At(5))]);
    }

    [Fact]
    public void A_word_from_before_the_loss_counts_for_nothing_even_after_the_repair()
    {
        var node = Acknowledged();
        var late = Say.Accepts(node.Step(Say.Propose("fifth")).To<AppendEntries>("b"));
        var repair = node.Receive(Say.Refuses(node.After(100).To<AppendEntries>("b"), 4) with
        {
            MatchIndex = Say.At(4),
        }).To<AppendEntries>("b");
        node.Receive(Say.Accepts(repair) with { MatchIndex = Say.At(4) });
        node.Receive(late).Committed.ShouldBeEmpty();
        node.Core.CommitIndex.ShouldBe(Say.At(4));
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
    private static DrivenCore Acknowledged(RaftOptions? options = null)
    {
        var node = new DrivenCore(options: options);
        node.LeadAndCommit();
        var appends = node.Step(Say.ProposeAll("p", false, [1], [2], [3])).Sent<AppendEntries>()
            .Where(request => request.To == Say.Node("b"));
        node.Receive([.. appends.Select(request => Say.Accepts(request))]).Committed.Count.ShouldBe(3);
        return node;
    }
}
