using System.Diagnostics;
using Muster.Consensus.Core;
using Muster.Consensus.Tests.Cluster;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests;

/// <summary>Leadership transfer over real nodes.</summary>
public sealed class HandoverTests
{
    private static readonly TimeSpan FasterThanAnElection = TimeSpan.FromSeconds(1.5);

    [Fact]
    public async Task A_leader_that_stops_in_order_leaves_no_gap()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await cluster.Client.ProposeAsync(leader, [1]);

        var stopped = cluster.StopInOrderAsync(leader);
        var elected = await cluster.Client.NextElectionAsync();
        elected.Leader.Value.ShouldNotBe(leader);
        // The event leaves in the round that the status tells of afterwards.
        var next = cluster[elected.Leader.Value];
        await TestLimit.UntilAsync(() => next.Status.Elections.Any(won => won.Term == elected.Term.Value));
        next.Status.Elections.Single(won => won.Term == elected.Term.Value).Cause
            .ShouldBe(ElectionCause.Handover);
        await stopped;

        await cluster.Client.ProposeAsync(elected.Leader.Value, [2]);
        (await cluster.AgreedLogAsync(elected.Leader.Value))
            .Where(entry => entry.Kind == EntryKind.Command)
            .Select(entry => entry.Payload.Single()).ShouldBe([(byte)1, (byte)2]);
    }

    [Fact]
    public async Task An_operator_moves_the_leadership_to_a_node_of_choice()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        foreach (var to in TestCluster.Names.Where(name => name != leader))
        {
            var answer = await cluster.Client.AskAsync(leader,
                new TransferLeadership { Group = TestClient.Group, To = new(to) });
            var done = answer.ShouldBeOfType<LeadershipTransferred>();
            (done.Leader.Value, done.LogId.Length > 0).ShouldBe((to, true));
            (await cluster.Client.NextElectionAsync()).Leader.Value.ShouldBe(to);
            await cluster.Client.ProposeAsync(to, [7]);
            leader = to;
        }
    }

    [Fact]
    public async Task Proposals_that_come_during_a_transfer_are_answered()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var transfer = cluster.Client.AskAsync(leader, new TransferLeadership { Group = TestClient.Group });
        var proposals = Enumerable.Range(0, 50).Select(number => cluster.Client.AskAsync(leader,
            new ProposeEntries
            {
                Group = TestClient.Group,
                ProposalId = $"p{number}",
                Payloads = [[(byte)number]],
                WantsAnswer = true,
            })).ToList();
        (await transfer).ShouldBeOfType<LeadershipTransferred>();
        foreach (var answer in await Task.WhenAll(proposals))
        {
            // Appended before, or refused for certain: none is left without a word.
            if (answer is ConsensusRefused refused) refused.Reason.ShouldBe(ConsensusRefusal.NotLeader);
            else answer.ShouldBeOfType<EntriesProposed>();
        }
    }

    [Fact]
    public async Task The_last_of_a_cluster_stops_at_once()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        foreach (var other in TestCluster.Names.Where(name => name != leader))
        {
            await cluster.StopAsync(other);
        }
        // Longer ago than a successor may have been heard.
        await Task.Delay(TimeSpan.FromSeconds(2.2), TimeProvider.System, TestLimit.Token());
        var stopwatch = Stopwatch.StartNew();
        await cluster.StopInOrderAsync(leader);
        stopwatch.Elapsed.ShouldBeLessThan(FasterThanAnElection);
    }
}
