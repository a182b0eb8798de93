using Muster.Consensus.Tests.Cluster;
using Muster.Contracts.Consensus;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests;

public sealed class ClusterTests
{
    [Fact]
    public async Task Three_nodes_elect_a_leader_and_commit_the_same_entries()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var proposed = await cluster.Client.ProposeAsync(leader, [1], [2], [3]);
        (proposed.LastIndex - proposed.FirstIndex).ShouldBe(2);
        Commands(await cluster.AgreedLogAsync(leader)).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task Replicas_hear_each_entry_once_in_order()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await cluster.Client.ProposeAsync(leader, [1], [2]);
        var last = (await cluster.Client.ProposeAsync(leader, [3])).LastIndex;
        var heard = new List<LogEntry>();
        while (heard.Count == 0 || heard[^1].Index < last)
        {
            var committed = await cluster.Client.Committed.ReadAsync(TestLimit.Token());
            committed.ClusterId.ShouldBe("test");
            committed.Leader.Value.ShouldBe(leader);
            heard.AddRange(committed.Entries);
        }
        heard.Select(entry => entry.Index.Value)
            .ShouldBe(Enumerable.Range(1, heard.Count).Select(index => (long)index));
        Commands(heard).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task A_restart_of_all_keeps_everything()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await cluster.Client.ProposeAsync(leader, [1], [2], [3]);
        var before = cluster[leader].Status;
        await cluster.StopAllAsync();
        await cluster.StartAllAsync();
        var elected = await cluster.Client.NextElectionAsync();
        elected.Term.ShouldBeGreaterThan(before.Groups.Single().Term);
        Commands(await cluster.AgreedLogAsync(elected.Leader.Value)).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task When_the_leader_ends_another_leads_and_nothing_acknowledged_is_lost()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        for (byte value = 1; value <= 20; value++)
        {
            await cluster.Client.ProposeAsync(leader, [value]);
        }
        await cluster.StopAsync(leader);
        var next = (await cluster.Client.NextElectionAsync()).Leader.Value;
        next.ShouldNotBe(leader);
        await cluster.Client.ProposeAsync(next, [21]);
        await cluster.StartAsync(leader);
        Commands(await cluster.AgreedLogAsync(next))
            .ShouldBe([.. Enumerable.Range(1, 21).Select(value => (byte)value)]);
    }

    [Fact]
    public async Task Two_thousand_pipelined_proposals_are_committed_in_their_order()
    {
        const int Count = 2000;
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var answers = new List<Task<EntriesProposed>>();
        for (var number = 0; number < Count; number++)
        {
            answers.Add(cluster.Client.ProposeAsync(leader, BitConverter.GetBytes(number)));
        }
        var proposed = await Task.WhenAll(answers);
        proposed.Select(answer => answer.FirstIndex).ShouldBeInOrder();
        var log = await cluster.AgreedLogAsync(leader);
        log.Where(entry => entry.Kind == EntryKind.Command)
            .Select(entry => BitConverter.ToInt32(entry.Payload))
            .ShouldBe(Enumerable.Range(0, Count));
        log.Select(entry => entry.LogTime).ShouldBeInOrder();
        // What waited while the disk synced went into one commit.
        cluster[leader].Status.Commits.ShouldBeLessThan(Count);
    }

    [Fact]
    public async Task A_failed_commit_silences_the_node_and_the_others_go_on()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var victim = TestCluster.Names.First(node => node != leader);
        await cluster.StopAsync(victim);
        await cluster.BreakDiskAsync(victim, payload: 0xDE);
        var failed = new TaskCompletionSource<Exception>();
        await cluster.StartAsync(victim, failed.SetResult);
        await cluster.Client.ProposeAsync(leader, [0xDE]);
        (await failed.Task.WaitAsync(TestLimit.Token())).Message.ShouldContain("this disk is broken");
        cluster[victim].Status.Participation.ShouldBe(Reporting.Participation.Failed);
        await cluster.Client.ProposeAsync(leader, [0xEE]);
        await cluster.StopAsync(victim);
        Commands(await cluster.AgreedLogAsync(leader)).ShouldBe([0xDE, 0xEE]);
    }

    private static byte[] Commands(IEnumerable<LogEntry> log) =>
        [.. log.Where(entry => entry.Kind == EntryKind.Command).Select(entry => entry.Payload.Single())];
}
