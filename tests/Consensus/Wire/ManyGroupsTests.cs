using Muster.Bus;
using Muster.Consensus.Tests.Cluster;
using Muster.Contracts.Consensus;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests.Wire;

/// <summary>A node that keeps many groups, of which most have nothing to do.</summary>
public sealed class ManyGroupsTests
{
    private const int Groups = 40;

    [Fact]
    public async Task Idle_groups_share_their_heartbeats()
    {
        await using var cluster = await TestCluster.CreateAsync(Groups);
        await cluster.StartAllAsync();
        await TestLimit.UntilAsync(() => cluster.Running.All(node => cluster[node].Status.IsReady));
        var before = Sums(cluster);
        // A heartbeat is at least three steps of a group: the leader's, and one of each follower.
        await TestLimit.UntilAsync(() => Sums(cluster).Steps - before.Steps > 30 * Groups);

        var after = Sums(cluster);
        ((after.Steps - before.Steps) / (after.Messages - before.Messages)).ShouldBeGreaterThan(Groups / 8);
    }

    [Fact]
    public async Task A_malformed_batch_is_dropped_and_counted_and_the_node_goes_on()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var all = cluster;
        var follower = cluster.Running.First(node => node != leader);
        var malformed = new EncodedBody(AppendBatch.BinaryContentType, [1, 0xFF]);

        cluster.Client.Link.Send(
            BusNames.ConsensusAddress(follower), new AppendBatch(), new SendOptions { Encoded = malformed })
            .ShouldBeTrue();

        await TestLimit.UntilAsync(() => cluster[follower].Status.MessagesDropped > 0);
        await cluster.AgreedLogAsync(leader);
    }

    private static (long Steps, long Messages) Sums(TestCluster cluster) => (
        cluster.Running.Sum(node => cluster[node].Status.Steps),
        cluster.Running.Sum(node => cluster[node].Status.MessagesReceived));
}
