using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Raft;

/// <summary>Section 7: compaction and InstallSnapshot (figure 13, whole).</summary>
public sealed class SnapshotTests
{
    private static readonly RaftOptions NoTail = new() { TrailingEntries = 0 };

    [Fact]
    public void An_offered_snapshot_takes_term_and_time_from_the_log_and_keeps_the_tail()
    {
        var node = new DrivenCore(options: new() { TrailingEntries = 2 });
        var entries = Say.Log("1 1 1 2 2").Select(e => e with { LogTime = e.Index.Value * 10 });
        node.Receive(Say.Append("b", 2, 0, 0, commit: 5) with { Entries = [.. entries] });
        var output = node.Step(Say.Offer(4, 1, 2));
        var snapshot = output.Snapshot.ShouldNotBeNull();
        (snapshot.Index, snapshot.Term, snapshot.LogTime).ShouldBe((Say.At(4), Say.InTerm(2), 40L));
        (output.FirstIndex, node.Core.FirstIndex, node.Log).ShouldBe((Say.At(3), Say.At(3), "1 2 2"));
        node.Core.Read(Say.At(3), 100_000).Terms().ShouldBe("1 2 2");
        Should.Throw<ArgumentOutOfRangeException>(() => node.Core.Read(Say.At(2), 1));
    }

    [Theory]
    [InlineData(6)] // appended, not committed
    [InlineData(4)] // the one it has
    [InlineData(3)] // older
    public void Other_offers_are_ignored(long index)
    {
        var node = new DrivenCore(options: NoTail);
        node.Receive(Say.Append("b", 1, 0, 0, "1 1 1 1 1 1", commit: 5));
        node.Step(Say.Offer(4));
        var output = node.Step(Say.Offer(index, 9));
        output.Snapshot.ShouldBeNull();
        node.Core.Snapshot!.Index.ShouldBe(Say.At(4));
    }

    [Fact]
    public void An_offer_that_outruns_the_commit_index_waits_for_it()
    {
        var node = new DrivenCore(options: NoTail);
        node.Receive(Say.Append("b", 1, 0, 0, "1 1 1 1", commit: 1));
        node.Step(Say.Offer(2, 2), Say.Offer(3, 3)).Snapshot.ShouldBeNull();
        node.Receive(Say.Append("b", 1, 4, 1, commit: 2)).Snapshot.ShouldBeNull();
        var cut = node.Receive(Say.Append("b", 1, 4, 1, commit: 4)).Snapshot.ShouldNotBeNull();
        (cut.Index, node.Core.FirstIndex).ShouldBe((Say.At(3), Say.At(4)));
        cut.Payload.ShouldBe([3]);
        node.Receive(Say.Append("b", 1, 4, 1, commit: 4)).Snapshot.ShouldBeNull();
    }

    [Fact]
    public void A_follower_cuts_its_log_in_ordinary_operation()
    {
        // A replica applies what the leader commits, and offers it before the next heartbeat tells this node.
        var node = new DrivenCore(options: NoTail);
        node.Receive(Say.Append("b", 1, 0, 0));
        for (var index = 1; index <= 10; index++)
        {
            node.Receive(Say.Append("b", 1, index - 1, index == 1 ? 0 : 1, "1", commit: index - 1));
            node.Step(Say.Offer(index));
            node.After(100, new PeerReceived(Say.Append("b", 1, index, 1, commit: index)));
            node.Core.FirstIndex.ShouldBe(Say.At(index + 1));
        }
    }

    [Fact]
    public void An_early_offer_is_dropped_when_the_leaders_snapshot_overtakes_it()
    {
        var node = new DrivenCore(options: NoTail);
        node.Receive(Say.Append("b", 1, 0, 0, "1 1", commit: 1));
        node.Step(Say.Offer(2, 2));
        node.Receive(Say.Install("b", 1, 9, 1)).Snapshot.ShouldNotBeNull().Index.ShouldBe(Say.At(9));
        node.Core.Snapshot!.Payload.ShouldBe([7]);
    }

    [Fact]
    public void Reads_give_committed_entries_in_bites_and_at_least_one()
    {
        var node = new DrivenCore();
        node.Receive(Say.Append("b", 1, 0, 0, "1 1 1 1", commit: 3));
        node.Core.Read(Say.At(1), 1).Count.ShouldBe(1);
        node.Core.Read(Say.At(2), 100_000).Select(e => e.Index.Value).ShouldBe([2, 3]);
        node.Core.Read(Say.At(4), 100_000).ShouldBeEmpty();
    }

    [Fact]
    public void A_snapshot_replaces_a_shorter_log()
    {
        var node = DrivenCore.With("1 1", term: 1);
        var output = node.Receive(Say.Install("b", 3, 9, 2));
        output.Only<InstallSnapshotReply>().MatchIndex.ShouldBe(Say.At(9));
        (output.FirstIndex, node.Log, node.Core.CommitIndex, node.Core.LastIndex)
            .ShouldBe((Say.At(10), "", Say.At(9), Say.At(9)));
        node.Receive(Say.Append("b", 3, 9, 2, "3")).Only<AppendEntriesReply>().Success.ShouldBeTrue();
        node.Restart();
        (node.Core.LastIndex, node.Core.FirstIndex).ShouldBe((Say.At(10), Say.At(10)));
    }

    [Fact]
    public void A_matching_tail_is_kept()
    {
        var node = DrivenCore.With("1 1 2 2", term: 2, options: NoTail);
        node.Receive(Say.Install("b", 3, 3, 2)).TruncateFrom.ShouldBeNull();
        (node.Log, node.Core.CommitIndex, node.Core.LastIndex).ShouldBe(("2", Say.At(3), Say.At(4)));
    }

    [Fact]
    public void A_tail_of_another_history_goes()
    {
        var node = DrivenCore.With("1 1 2 2 2", term: 2);
        var output = node.Receive(Say.Install("b", 4, 3, 3));
        output.TruncateFrom.ShouldBe(Say.At(4));
        (node.Log, node.Core.LastIndex, node.Core.CommitIndex).ShouldBe(("", Say.At(3), Say.At(3)));
    }

    [Fact]
    public void An_old_snapshot_changes_nothing_and_one_that_denies_a_committed_entry_stops_the_node()
    {
        var node = new DrivenCore();
        node.Receive(Say.Append("b", 2, 0, 0, "1 1 2", commit: 2));
        var output = node.Receive(Say.Install("b", 2, 2, 1));
        output.Snapshot.ShouldBeNull();
        output.Only<InstallSnapshotReply>().MatchIndex.ShouldBe(Say.At(2));
        node.Log.ShouldBe("1 1 2");
        Should.Throw<InvalidOperationException>(() => node.Receive(Say.Install("b", 2, 2, 2)));
    }

    [Fact]
    public void A_leader_sends_its_snapshot_to_a_follower_behind_it_and_then_the_rest()
    {
        var node = Compacted(out var probe);
        var install = node.Receive(Say.Refuses(probe, 1)).To<InstallSnapshot>("c");
        install.Snapshot.Index.ShouldBe(Say.At(5));
        var heartbeat = node.After(100).To<AppendEntries>("c");
        (heartbeat.PreviousIndex, heartbeat.PreviousTerm).ShouldBe((LogIndex.Zero, Term.Zero));
        node.Receive(Say.Accepts(heartbeat)).Sent<AppendEntries>().ShouldBeEmpty();
        var rest = node.Receive(new InstallSnapshotReply
        {
            From = install.To,
            To = install.From,
            Term = install.Term,
            RequestId = install.RequestId,
            SnapshotIndex = Say.At(5),
            ReceivedBytes = install.TotalBytes,
            MatchIndex = Say.At(5),
        }).To<AppendEntries>("c");
        (rest.PreviousIndex, rest.Entries.Count).ShouldBe((Say.At(5), 1));
    }

    [Fact]
    public void A_lost_snapshot_is_sent_again_and_never_to_a_silent_node()
    {
        var node = Compacted(out var probe);
        node.Receive(Say.Refuses(probe, 1)).Sent<InstallSnapshot>().Count.ShouldBe(1);
        var sentAt = new List<int>();
        for (var i = 1; i <= 100; i++)
        {
            var output = node.After(100);
            if (output.Sent<InstallSnapshot>().Count > 0) sentAt.Add(i);
            node.Receive(Say.Accepts(output.To<AppendEntries>("b")));
        }

        // For as long as an election takes it may merely be slow.
        sentAt.ShouldBe([3, 6, 9]);
        var heartbeat = node.After(100).To<AppendEntries>("c");
        node.Receive(Say.Accepts(heartbeat)).To<InstallSnapshot>("c").Snapshot.Index.ShouldBe(Say.At(5));
    }

    [Fact]
    public void Log_time_goes_on_from_the_greatest_value_stored_or_received()
    {
        var node = new DrivenCore();
        node.Receive(Say.Append("b", 1, 0, 0, "1", logTime: 5000));
        node.Core.LogTime(node.Now + 99).ShouldBe(5000);
        node.Receive(Say.Append("b", 1, 0, 0, "1", logTime: 4000));
        node.Core.LogTime(node.Now).ShouldBe(5000);
        var output = node.Lead("c");
        output.Append[0].LogTime.ShouldBe(5000);
        var later = node.After(70, Say.Propose("x"));
        later.Append[0].LogTime.ShouldBe(5070);
        node.After(30).Sent<AppendEntries>().ShouldAllBe(m => m.LogTime == 5100);
    }

    [Fact]
    public void Log_time_does_not_fall_at_step_down_or_restart()
    {
        var node = new DrivenCore();
        node.LeadAndCommit();
        node.After(700, Say.Propose("x")).Append[0].LogTime.ShouldBe(700);
        node.After(50, new PeerReceived(Say.AskVote("c", 9)));
        node.Core.LogTime(node.Now + 1000).ShouldBe(750);
        node.Restart();
        node.Core.LogTime(node.Now).ShouldBe(700);
        node.Receive(Say.Install("b", 9, 20, 9, logTime: 9000));
        node.Restart();
        node.Core.LogTime(node.Now).ShouldBe(9000);
        node.Lead("b").Append[0].LogTime.ShouldBe(9000);
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused_with_both_values()
    {
        var error = Should.Throw<ArgumentException>(() =>
            new DrivenCore(options: new() { ElectionMinMilliseconds = 900, ElectionMaxMilliseconds = 800 }));
        error.Message.ShouldContain("900");
        error.Message.ShouldContain("800");
        Should.Throw<ArgumentException>(() => new DrivenCore("b c"));
        Should.Throw<ArgumentException>(() =>
            new DrivenCore(options: new() { MaxLogBytes = 70_000_000, TrailingBytes = 60_000_000 }))
            .Message.ShouldContain("60000000");
    }

    [Fact]
    public void A_clock_that_goes_back_stops_the_node()
    {
        var node = new DrivenCore();
        node.Step();
        Should.Throw<InvalidOperationException>(() => node.After(-1));
    }

    // A leader with entries 1 to 6, all committed, cut at 5; c has heard nothing yet.
    private static DrivenCore Compacted(out AppendEntries probeToC)
    {
        var node = DrivenCore.With("1 1 1 1 1", term: 1, options: NoTail);
        probeToC = node.LeadAndCommit();
        node.Step(Say.Offer(5)).Snapshot.ShouldNotBeNull();
        return node;
    }
}
