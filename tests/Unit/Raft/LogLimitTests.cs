using Muster.Consensus.Core;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Raft;

/// <summary>What a log takes, and what a cut leaves of it.</summary>
public sealed class LogLimitTests
{
    [Fact]
    public void Limits_are_refused_with_their_reason_and_nothing_is_appended()
    {
        var limits = new RaftOptions { MaxPayloadBytes = 100, MaxUncommittedBytes = 600, MaxLogEntries = 5 };
        var node = new DrivenCore(options: limits);
        node.LeadAndCommit();
        Reason(Say.ProposeAll("p", true)).ShouldBe(ConsensusRefusal.Invalid);
        Reason(Say.ProposeAll("p", true, new byte[101])).ShouldBe(ConsensusRefusal.PayloadTooLarge);
        Reason(Say.ProposeAll("p", true, [.. Enumerable.Repeat(new byte[100], 4)]))
            .ShouldBe(ConsensusRefusal.PayloadTooLarge);
        var last = node.Step(Say.ProposeAll("p", true, new byte[100], new byte[100], new byte[100]))
            .To<AppendEntries>("b");
        Reason(Say.ProposeAll("p", true, new byte[100])).ShouldBe(ConsensusRefusal.Overloaded);
        node.Receive(Say.Accepts(last)).Answers<EntriesProposed>().Count.ShouldBe(1);
        Reason(Say.ProposeAll("p", true, [], [])).ShouldBe(ConsensusRefusal.LogFull);
        node.Core.LastIndex.ShouldBe(Say.At(4));
        node.Step(Say.Offer(4));
        node.Step(Say.Propose("room again")).Append.Count.ShouldBe(1);

        ConsensusRefusal Reason(ProposalReceived proposal) =>
            node.Step(proposal).Answers<ConsensusRefused>().ShouldHaveSingleItem().Reason;
    }

    [Fact]
    public void A_log_is_full_by_bytes_until_a_snapshot_cuts_it()
    {
        // Each of these entries counts 164 bytes, the leader's first 64.
        var limits = new RaftOptions { MaxPayloadBytes = 100, MaxUncommittedBytes = 400, MaxLogBytes = 600 };
        var node = new DrivenCore(options: limits with { TrailingBytes = 200 });
        node.LeadAndCommit();
        for (var index = 2; index <= 4; index++) Commit();
        ExpectFull();
        node.Step(Say.Offer(4));
        node.Core.FirstIndex.ShouldBe(Say.At(4));
        Commit();

        // The entry at the snapshot's index is the restored log's base, and another leader's first one came.
        node.Restart();
        node.LeadAndCommit();
        Commit();
        Commit();
        ExpectFull();

        void ExpectFull()
        {
            var refused = node.Step(Say.ProposeAll("p", true, new byte[100])).Answers<ConsensusRefused>()
                .ShouldHaveSingleItem();
            (refused.Reason, refused.Message).ShouldBe((ConsensusRefusal.LogFull,
                "The log holds 556 bytes; at most 600 are allowed."));
        }

        void Commit()
        {
            var append = node.Step(Say.ProposeAll("p", false, new byte[100])).To<AppendEntries>("b");
            node.Receive(Say.Accepts(append)).Committed.Count.ShouldBe(1);
        }
    }

    [Fact]
    public void An_entry_that_does_not_fit_into_a_row_counts_a_page_more()
    {
        // The leader's first counts 64, one of 936 bytes 1,000, and one of 937 as many as 5,097.
        const int Limit = 64 + 1000 + 5097;
        var limits = new RaftOptions { MaxPayloadBytes = 937, MaxUncommittedBytes = 4000, TrailingBytes = 0 };
        IsFull(limits with { MaxLogBytes = Limit }).ShouldBeFalse();
        IsFull(limits with { MaxLogBytes = Limit - 1 }).ShouldBeTrue();

        static bool IsFull(RaftOptions limits)
        {
            var node = new DrivenCore(options: limits);
            node.LeadAndCommit();
            var append = node.Step(Say.ProposeAll("p", false, new byte[936])).To<AppendEntries>("b");
            node.Receive(Say.Accepts(append));
            return node.Step(Say.ProposeAll("p", true, new byte[937])).Answers<ConsensusRefused>()
                .Any(refused => refused.Reason == ConsensusRefusal.LogFull);
        }
    }

    [Fact]
    public void A_cut_keeps_no_more_than_both_trailing_limits()
    {
        var sizeOfThree = Say.Log("1 1 1").Sum(entry => entry.Payload.Length + 64);
        FirstIndexAfterCut(new() { TrailingEntries = 2 }).ShouldBe(7);
        FirstIndexAfterCut(new() { TrailingBytes = sizeOfThree }).ShouldBe(6);
        FirstIndexAfterCut(new() { TrailingBytes = sizeOfThree - 1 }).ShouldBe(7);
        FirstIndexAfterCut(new() { TrailingBytes = sizeOfThree, TrailingEntries = 1 }).ShouldBe(8);
        FirstIndexAfterCut(new() { TrailingBytes = 0 }).ShouldBe(9);
        FirstIndexAfterCut(new()).ShouldBe(1);

        static long FirstIndexAfterCut(RaftOptions options)
        {
            var node = new DrivenCore(options: options);
            node.Receive(Say.Append("b", 1, 0, 0, "1 1 1 1 1 1 1 1 1", commit: 9));
            node.Step(Say.Offer(8));
            return node.Core.FirstIndex.Value;
        }
    }

    [Fact]
    public void Truncated_entries_free_their_bytes()
    {
        var limits = new RaftOptions { MaxPayloadBytes = 100, MaxUncommittedBytes = 400, MaxLogBytes = 600 };
        var node = new DrivenCore(options: limits with { TrailingBytes = 0 });
        var large = Say.Log("1 1 1").Select(entry => entry with { Payload = new byte[100] });
        node.Receive(Say.Append("b", 1, 0, 0) with { Entries = [.. large] });
        node.Receive(Say.Append("c", 2, 0, 0, "2"));
        node.LeadAndCommit();
        var two = Say.ProposeAll("p", true, new byte[100], new byte[100]);
        node.Step(two).Answers<ConsensusRefused>().ShouldBeEmpty();
    }
}
