using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Raft;

/// <summary>Section 5.3 on the follower: figure 2, receiver of AppendEntries.</summary>
public sealed class ReplicationTests
{
    [Fact]
    public void A_follower_appends_and_answers_after_the_write()
    {
        var node = new DrivenCore();
        var output = node.Receive(Say.Append("b", 1, 0, 0, "1 1"));
        output.Append.Terms().ShouldBe("1 1");
        output.Early.ShouldBeEmpty();
        var reply = output.Messages.OfType<AppendEntriesReply>().Single();
        (reply.Success, reply.MatchIndex, reply.RequestId).ShouldBe((true, Say.At(2), 1L));
    }

    [Theory]
    [InlineData(4, 1, 4, 0)] // missing: the index after the last
    [InlineData(3, 3, 2, 2)] // another term there: that term and its first index
    public void A_log_without_the_previous_entry_refuses_with_a_hint(
        long previous, long term, long index, long conflict)
    {
        var node = DrivenCore.With("1 2 2", term: 3);
        var reply = node.Receive(Say.Append("b", 3, previous, term, "3")).Only<AppendEntriesReply>();
        (reply.Success, reply.MatchIndex).ShouldBe((false, Say.At(previous)));
        (reply.ConflictIndex, reply.ConflictTerm).ShouldBe((Say.At(index), Say.InTerm(conflict)));
        node.Log.ShouldBe("1 2 2");
    }

    [Fact]
    public void An_answer_to_another_terms_leader_names_no_request()
    {
        var node = DrivenCore.With("1 2", term: 6);
        var reply = node.Receive(Say.Append("b", 5, 0, 0, id: 9000)).Only<AppendEntriesReply>();
        (reply.Success, reply.Term, reply.RequestId).ShouldBe((false, Say.InTerm(6), 0L));
        node.Receive(Say.Install("b", 5, 9, 2)).Only<InstallSnapshotReply>().RequestId.ShouldBe(0);
        node.Receive(Say.Append("b", 7, 2, 2, id: 77)).Only<AppendEntriesReply>().RequestId.ShouldBe(77);
    }

    [Fact]
    public void A_conflicting_entry_and_all_after_it_go()
    {
        var node = DrivenCore.With("1 1 2 2", term: 2);
        var output = node.Receive(Say.Append("b", 3, 2, 1, "3"));
        output.TruncateFrom.ShouldBe(Say.At(3));
        node.Log.ShouldBe("1 1 3");
    }

    [Fact]
    public void A_delayed_request_with_a_prefix_truncates_nothing()
    {
        var node = new DrivenCore();
        node.Receive(Say.Append("b", 1, 0, 0, "1 1 1 1", commit: 4));
        var output = node.Receive(Say.Append("b", 1, 0, 0, "1 1"), Say.Append("b", 1, 1, 1));
        output.TruncateFrom.ShouldBeNull();
        output.Append.ShouldBeEmpty();
        output.Sent<AppendEntriesReply>().Select(reply => reply.MatchIndex.Value).ShouldBe([2, 1]);
        (node.Log, node.Core.CommitIndex).ShouldBe(("1 1 1 1", Say.At(4)));
    }

    [Fact]
    public void The_commit_index_follows_the_leader_only_as_far_as_this_request_verified()
    {
        var node = DrivenCore.With("1 1 2 2 2", term: 2);
        node.Receive(Say.Append("b", 3, 2, 1, commit: 5));
        node.Core.CommitIndex.ShouldBe(Say.At(2));
        node.Receive(Say.Append("b", 3, 2, 1, "3", commit: 5));
        (node.Core.CommitIndex, node.Log).ShouldBe((Say.At(3), "1 1 3"));
    }

    [Fact]
    public void The_commit_index_never_falls()
    {
        var node = new DrivenCore();
        node.Receive(Say.Append("b", 1, 0, 0, "1 1 1", commit: 3));
        node.Receive(Say.Append("b", 1, 3, 1, commit: 1));
        node.Core.CommitIndex.ShouldBe(Say.At(3));
    }

    [Fact]
    public void A_request_that_denies_a_committed_entry_stops_the_node()
    {
        var node = new DrivenCore();
        node.Receive(Say.Append("b", 1, 0, 0, "1 1", commit: 2));
        var error = Should.Throw<InvalidOperationException>(() =>
            node.Receive(Say.Append("c", 2, 1, 1, "2")));
        error.Message.ShouldContain("Group g, node a, term 2, index 2");
        Should.Throw<InvalidOperationException>(() => node.Receive(Say.Append("c", 2, 2, 2)));
    }

    [Fact]
    public void Two_leaders_in_one_term_stop_the_node()
    {
        var node = new DrivenCore();
        node.Receive(Say.Append("b", 1, 0, 0));
        Should.Throw<InvalidOperationException>(() => node.Receive(Say.Append("c", 1, 0, 0)));
    }

    [Fact]
    public void A_request_before_the_compacted_part_is_no_conflict()
    {
        var node = new DrivenCore(options: new() { TrailingEntries = 0 });
        node.Receive(Say.Append("b", 1, 0, 0, "1 1 1 1", commit: 3));
        node.Step(Say.Offer(3));
        node.Core.FirstIndex.ShouldBe(Say.At(4));
        var output = node.Receive(Say.Append("b", 1, 1, 1, "1 1 1 1", commit: 5));
        (output.TruncateFrom, output.Append.Terms()).ShouldBe((null, "1"));
        output.Only<AppendEntriesReply>().MatchIndex.ShouldBe(Say.At(5));
    }

    [Fact]
    public void Net_changes_of_one_step_leave_the_disk_as_the_memory()
    {
        var node = DrivenCore.With("1 1", term: 1);
        var output = node.Receive(
            Say.Append("b", 2, 2, 1, "2 2 2"),
            Say.Append("c", 3, 3, 2, "3", commit: 4),
            Say.Append("c", 3, 4, 3, "3"));
        output.TruncateFrom.ShouldBeNull();
        output.Append.Terms().ShouldBe("2 3 3");
        node.Log.ShouldBe("1 1 2 3 3");
        output.Committed.Terms().ShouldBe("1 1 2 3");
        output = node.Receive(Say.Append("b", 4, 4, 3, "4 4"), Say.Append("c", 5, 4, 3, "5"));
        output.TruncateFrom.ShouldBe(Say.At(5));
        node.Log.ShouldBe("1 1 2 3 5");
    }

    [Fact]
    public void Entries_out_of_line_are_no_request()
    {
        var node = new DrivenCore();
        var bad = Say.Append("b", 1, 0, 0) with { Entries = [Say.Entry(2, 1)] };
        Should.Throw<InvalidOperationException>(() => node.Receive(bad));
    }

    [Fact]
    public void A_restart_keeps_the_log_and_starts_at_the_snapshots_commit_index()
    {
        var node = new DrivenCore(options: new() { TrailingEntries = 1 });
        node.Receive(Say.Append("b", 3, 0, 0, "1 1 2 3", commit: 4));
        node.Step(Say.Offer(3, 9));
        node.Restart();
        (node.Core.Term, node.Core.CommitIndex, node.Core.LastIndex)
            .ShouldBe((Say.InTerm(3), Say.At(3), Say.At(4)));
        node.Core.Snapshot.ShouldNotBeNull().Payload.ShouldBe([9]);
        node.Receive(Say.Append("b", 3, 4, 3, commit: 4)).Committed.Terms().ShouldBe("3");
    }

    [Fact]
    public void A_store_with_a_gap_or_a_contradiction_is_refused()
    {
        var gap =
            new FakeDisk { HardState = new(Say.InTerm(9), NodeId.None), Entries = Say.Log("1", first: 3) };
        Should.Throw<InvalidOperationException>(() => new DrivenCore(disk: gap));
        var other = new FakeDisk
        {
            HardState = new(Say.InTerm(9), NodeId.None),
            Snapshot = new() { Index = Say.At(2), Term = Say.InTerm(1) },
            Entries = Say.Log("1 2 2"),
        };
        Should.Throw<InvalidOperationException>(() => new DrivenCore(disk: other));
        var ahead = new FakeDisk { HardState = new(Say.InTerm(1), NodeId.None), Entries = Say.Log("1 2") };
        Should.Throw<InvalidOperationException>(() => new DrivenCore(disk: ahead));
    }
}
