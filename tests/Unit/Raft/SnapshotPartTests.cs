using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Raft;

/// <summary>Figure 13: a snapshot travels in parts.</summary>
public sealed class SnapshotPartTests
{
    private const int Part = InstallSnapshot.LargestDataBytes;
    private const int Size = (20 * Part) + 5;

    [Fact]
    public void Parts_follow_each_other_within_a_window_and_the_follower_ends_with_the_same_bytes()
    {
        var (leader, first) = Sending();
        first.Select(part => part.Offset).ShouldBe(Enumerable.Range(0, 8).Select(i => i * Part));
        first.ShouldAllBe(part => part.TotalBytes == Size && part.Snapshot.Payload.Length == Part);
        var follower = Follower();
        var sent = 0;
        for (IReadOnlyList<InstallSnapshot> parts = first; parts.Count > 0;)
        {
            sent += parts.Count;
            parts = Exchange(leader, follower, parts);
        }

        sent.ShouldBe(21);
        follower.Core.Snapshot!.Payload.ShouldBe(leader.Core.Snapshot!.Payload);
        follower.Core.CommitIndex.ShouldBe(Say.At(5));
        leader.After(100).To<AppendEntries>("c").PreviousIndex.ShouldBe(Say.At(6));
    }

    [Fact]
    public void After_a_lost_part_the_rest_is_sent_again_from_the_gap()
    {
        var (leader, first) = Sending();
        var follower = Follower();
        var more = Exchange(leader, follower, [.. first.Where(part => part.Offset != 2 * Part)]);
        more.Select(part => part.Offset).ShouldBe([8 * Part, 9 * Part]);
        Exchange(leader, follower, more).ShouldBeEmpty();
        Silent(leader, ticks: 2).ShouldBeEmpty();
        var again = Silent(leader, ticks: 1);
        (again[0].Offset, again.Count).ShouldBe((2 * Part, 8));
        follower.Receive([.. again.Select(Towards)]).Sent<InstallSnapshotReply>()[^1]
            .ReceivedBytes.ShouldBe(10 * Part);
    }

    [Fact]
    public void Doubled_and_late_parts_change_nothing()
    {
        var (leader, first) = Sending();
        var follower = Follower();
        Exchange(leader, follower, [first[0], first[0], first[1], first[0], first[1]]);
        follower.Receive(Towards(first[2])).Only<InstallSnapshotReply>().ReceivedBytes.ShouldBe(3 * Part);
        follower.Core.Snapshot.ShouldBeNull();
    }

    [Fact]
    public void A_follower_that_starts_anew_is_sent_everything_anew()
    {
        var (leader, first) = Sending();
        var follower = Follower();
        var more = Exchange(leader, follower, first);
        follower.Restart();
        var again = Exchange(leader, follower, more);
        (again[0].Offset, again.Count).ShouldBe((0, 8));
    }

    [Fact]
    public void Parts_of_another_leader_do_not_mix_with_those_of_the_last()
    {
        var follower = Follower();
        var (_, first) = Sending();
        follower.Receive([.. first.Select(Towards)]);
        var other = Towards(first[1]) with { Term = Say.InTerm(9), From = Say.Node("c") };
        follower.Receive(other).Only<InstallSnapshotReply>().ReceivedBytes.ShouldBe(0);
        follower.Receive(other with { Offset = 0 }).Only<InstallSnapshotReply>().ReceivedBytes.ShouldBe(Part);
    }

    [Fact]
    public void A_lost_word_that_it_is_stored_is_asked_for_by_the_last_part_alone()
    {
        var (leader, first) = Sending(Part + 1);
        var follower = Follower();
        follower.Receive([.. first.Select(Towards)]);
        var taken = new InstallSnapshotReply
        {
            From = Say.Node("c"),
            To = Say.Node("a"),
            Term = first[1].Term,
            RequestId = first[1].RequestId,
            SnapshotIndex = Say.At(5),
            ReceivedBytes = Part + 1,
        };
        leader.Receive(taken);
        var again = Silent(leader, ticks: 3);
        again.Select(part => part.Offset).ShouldBe([Part]);
        Exchange(leader, follower, again).ShouldBeEmpty();
        leader.After(100).To<AppendEntries>("c").PreviousIndex.ShouldBe(Say.At(6));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(LogEntry.LargestPayloadBytes + 1)]
    [InlineData(int.MaxValue)]
    public void A_size_that_no_snapshot_has_is_not_taken(int totalBytes)
    {
        var follower = Follower();
        var part = Towards(Sending().Parts[0]) with { TotalBytes = totalBytes };
        follower.Receive(part).Only<InstallSnapshotReply>().ReceivedBytes.ShouldBe(0);
        follower.Core.Snapshot.ShouldBeNull();
    }

    // A leader, "a", that has begun to send its snapshot to c.
    private static (DrivenCore Leader, IReadOnlyList<InstallSnapshot> Parts) Sending(int size = Size)
    {
        var leader = DrivenCore.With("1 1 1 1 1", term: 1, options: new() { TrailingEntries = 0 });
        var probe = leader.LeadAndCommit();
        var payload = new byte[size];
        new Random(1).NextBytes(payload);
        leader.Step(Say.Offer(5, payload)).Snapshot.ShouldNotBeNull();
        return (leader, leader.Receive(Say.Refuses(probe, 1)).Sent<InstallSnapshot>());
    }

    // Every driven core is called a: on the follower's side the two names are exchanged.
    private static DrivenCore Follower() => DrivenCore.With("", term: 1);

    private static InstallSnapshot Towards(InstallSnapshot part) =>
        part with { From = part.To, To = part.From, Incarnation = "c.1" };

    // The follower takes the parts one by one; what the leader sends on its answers.
    private static List<InstallSnapshot> Exchange(
        DrivenCore leader, DrivenCore follower, IReadOnlyList<InstallSnapshot> parts)
    {
        var replies = parts.SelectMany(part => follower.Receive(Towards(part)).Sent<InstallSnapshotReply>());
        return [.. replies.Select(reply => reply with { From = reply.To, To = reply.From })
            .SelectMany(reply => leader.Receive(reply).Sent<InstallSnapshot>())];
    }

    // Both followers answer heartbeats, and c says nothing of parts; what c is sent meanwhile.
    private static List<InstallSnapshot> Silent(DrivenCore leader, int ticks)
    {
        var sent = new List<InstallSnapshot>();
        for (var tick = 0; tick < ticks; tick++)
        {
            var output = leader.After(100);
            sent.AddRange(output.Sent<InstallSnapshot>());
            leader.Receive([.. output.Sent<AppendEntries>().Select(one => Say.Accepts(one))]);
        }

        return sent;
    }
}
