using Muster.Bus;
using Muster.Consensus.Driver;
using Muster.Consensus.Tests.Cluster;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests;

public sealed class RequestTests
{
    private const string Group = TestClient.Group;

    [Fact]
    public async Task A_follower_refuses_a_proposal_on_its_link_and_names_the_leader()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await cluster.AgreedLogAsync(leader);
        var proposal = new ProposeEntries { Group = Group, ProposalId = "p1", Payloads = [[1]] };
        var refused = (await cluster.Client.AskAsync(Follower(leader), proposal))
            .ShouldBeOfType<ConsensusRefused>();
        refused.Reason.ShouldBe(ConsensusRefusal.NotLeader);
        refused.LeaderHint.Value.ShouldBe(leader);
        refused.RequestId.ShouldBe("p1");
    }

    [Fact]
    public async Task A_followers_endpoint_forwards_a_proposal_and_the_leader_answers_the_sender()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await cluster.AgreedLogAsync(leader);
        var (from, answer) = cluster.Client.ExpectAnswer();
        var proposal =
            new ProposeEntries { Group = Group, ProposalId = "p1", Payloads = [[7]], WantsAnswer = true };
        cluster[Follower(leader)].Submit(from, Group, proposal, bytes: 1);
        (await answer).ShouldBeOfType<EntriesProposed>().ProposalId.ShouldBe("p1");
        (await cluster.AgreedLogAsync(leader))[^1].Payload.ShouldBe([7]);
    }

    [Fact]
    public async Task A_read_index_holds_what_was_acknowledged_before()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var proposed = await cluster.Client.ProposeAsync(leader, [1]);
        var question = new ReadIndex { Group = Group, RequestId = "r1" };
        var found = (await cluster.Client.AskAsync(leader, question)).ShouldBeOfType<ReadIndexFound>();
        found.Index.ShouldBe(proposed.LastIndex);
        found.RequestId.ShouldBe("r1");
    }

    [Fact]
    public async Task A_broadcast_question_is_answered_by_every_node()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await cluster.AgreedLogAsync(leader);
        var descriptions =
            await cluster.Client.DescribeAllAsync(cluster.Bus.Names.AllConsensusNodes, count: 3);
        descriptions.Select(one => one.Node.Value).Order(StringComparer.Ordinal).ShouldBe(TestCluster.Names);
        descriptions.ShouldAllBe(
            one => one.Leader.Value == leader && one.ClusterId == "test" && one.RequestId == "d1");
        descriptions.Single(one => one.Role == RaftRole.Leader).Node.Value.ShouldBe(leader);
    }

    [Fact]
    public async Task Requests_that_make_no_sense_are_refused_with_their_reason()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await Refused(new ReadIndex { Group = "nothing" }, ConsensusRefusal.UnknownGroup);
        await Refused(new ProposeEntries { Group = Group }, ConsensusRefusal.Invalid);
        await Refused(new ProposeEntries { Group = Group, Payloads = [null!] }, ConsensusRefusal.Invalid);
        await Refused(new ReadEntries { Group = Group, FromIndex = LogIndex.Zero }, ConsensusRefusal.Invalid);
        var tooLarge = new byte[LogEntry.LargestPayloadBytes + 1];
        await Refused(
            new ProposeEntries { Group = Group, Payloads = [tooLarge] }, ConsensusRefusal.PayloadTooLarge);
        await cluster.Client.ProposeAsync(leader, [1]);

        async Task Refused<T>(T request, ConsensusRefusal reason) where T : class =>
            (await cluster.Client.AskAsync(leader, request)).ShouldBeOfType<ConsensusRefused>()
                .Reason.ShouldBe(reason);
    }

    [Fact]
    public async Task A_stored_snapshot_can_be_read_and_survives_a_restart()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var index = (await cluster.Client.ProposeAsync(leader, [1], [2])).LastIndex;
        (await ReadSnapshot(leader)).ShouldBeNull();
        var logId = cluster[leader].Status.LogId;
        var offer = new StoreSnapshot { Group = Group, LogId = logId, Index = index, Payload = [9, 9] };
        cluster.Client.Link.Send(BusNames.ConsensusAddress(leader), offer).ShouldBeTrue();
        // The next proposal of the same sender is stepped with the offer or after it.
        await cluster.Client.ProposeAsync(leader, [3]);
        (await ReadSnapshot(leader)).ShouldNotBeNull().Payload.ShouldBe([9, 9]);
        await cluster.StopAllAsync();
        await cluster.StartAllAsync();
        await cluster.Client.NextElectionAsync();
        var again = (await ReadSnapshot(leader)).ShouldNotBeNull();
        again.Index.ShouldBe(index);
        again.Payload.ShouldBe([9, 9]);

        async Task<GroupSnapshot?> ReadSnapshot(string node) =>
            (await cluster.Client.AskAsync(node, new ReadSnapshot { Group = Group }))
                .ShouldBeOfType<SnapshotRead>().Snapshot;
    }

    [Fact]
    public async Task A_refused_snapshot_is_named_as_its_message_was()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var offer = new StoreSnapshot { Group = Group, LogId = "", Index = new(1), Payload = [1] };
        var (from, answer) = cluster.Client.ExpectAnswer();
        var options = new SendOptions { ReplyTo = from.Address, CorrelationId = from.RequestId };
        cluster.Client.Link.Send(BusNames.ConsensusAddress(leader), offer, options).ShouldBeTrue();
        var refused = (await answer).ShouldBeOfType<ConsensusRefused>();
        (refused.Reason, refused.RequestId).ShouldBe((ConsensusRefusal.Invalid, from.RequestId));
    }

    [Fact]
    public void A_snapshot_that_no_message_can_hand_on_is_refused()
    {
        const int Most = LogEntry.LargestPayloadBytes;
        Requests.Problem(new StoreSnapshot { Payload = new byte[Most] }).ShouldBeNull();
        Requests.Problem(new StoreSnapshot { Payload = new byte[Most + 1] })
            .ShouldNotBeNull().ShouldContain($"{Most + 1} bytes");
        var read = new SnapshotRead
        {
            Group = Group,
            RequestId = "r",
            Snapshot = new() { Payload = new byte[Most] },
        };
        BusJson.Write(read).Length.ShouldBeLessThan(16 * 1024 * 1024);
    }

    private static string Follower(string leader) => TestCluster.Names.First(node => node != leader);
}
