using Microsoft.Extensions.Logging.Abstractions;
using Muster.Bus;
using Muster.Consensus.Reporting;
using Muster.Consensus.Storage;
using Muster.Consensus.Tests.Cluster;
using Muster.Contracts;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests;

/// <summary>
/// A node's folder is copied, and the copy is started: the same disk id, and another memory.
/// </summary>
public sealed class OldCopyTests
{
    [Fact]
    public async Task An_old_copy_in_the_place_of_the_newest_folder_is_refused_and_the_others_go_on()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var old = await ReplaceByOldCopyAsync(cluster, leader);
        await cluster.StartAsync(old);

        await TestLimit.UntilAsync(() => cluster[old].Status.Participation == Participation.Refused);
        cluster.HealthOf(old).Detail.ShouldContain("hears another process of this node");
        cluster.HealthOf(old).Detail.ShouldContain("an older copy lacks what the node gave its word for");
        await cluster.Client.ProposeAsync(leader, [3]);
    }

    /// <summary>By an orchestrator, say: by its number the third process follows the second.</summary>
    [Fact]
    public async Task An_old_copy_that_was_refused_is_refused_when_it_is_started_again()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var old = await ReplaceByOldCopyAsync(cluster, leader);
        await cluster.StartAsync(old);
        await TestLimit.UntilAsync(() => cluster[old].Status.Participation == Participation.Refused);
        await cluster.StopAsync(old);
        await cluster.StartAsync(old);

        await TestLimit.UntilAsync(() => cluster[old].Status.Participation == Participation.Refused);
        cluster.HealthOf(old).Detail.ShouldContain("an older copy lacks what the node gave its word for");

        // Nor by peers that remember nothing any more.
        await cluster.StopAllAsync();
        await cluster.StartAllAsync();
        await cluster.Client.NextElectionAsync();
        await TestLimit.UntilAsync(() => cluster[old].Status.Participation == Participation.Refused);
    }

    [Fact]
    public async Task An_old_copy_that_was_started_elsewhere_more_often_is_refused()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var old = await ReplaceByOldCopyAsync(cluster, leader);
        for (var start = 0; start < 3; start++)
        {
            ConsensusStore.Open(cluster.Folder.Of(old), new DiskIdentity
            {
                ClusterId = "test",
                Node = new(old),
                Members = [.. TestCluster.Names.Select(name => new NodeId(name))],
                Groups = [TestClient.Group],
            }, bootstrap: false, TimeProvider.System).Dispose();
        }
        await cluster.StartAsync(old);

        await TestLimit.UntilAsync(() => cluster[old].Status.Participation == Participation.Refused);
    }

    [Fact]
    public async Task Of_two_live_processes_of_one_disk_the_second_is_refused()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var node = TestCluster.Names.First(one => one != leader);
        await cluster.AgreedLogAsync(leader);
        await cluster.StopAsync(node);
        Copy(cluster.Folder.Of(node), cluster.Folder.Of(node + ".copy"));
        await StartAndBeHeardAsync(cluster, leader, node);
        var options = cluster.OptionsOf(node) with { DataFolder = cluster.Folder.Of(node + ".copy") };
        await using var second = new ConsensusNodeHost(options, new ConsensusSurroundings
        {
            Links = new MemoryLinkFactory(cluster.Bus, NullLoggerFactory.Instance),
            Loggers = cluster.Log,
            OnFatal = failure => throw new InvalidOperationException("A node failed.", failure),
        });
        await second.StartAsync(TestLimit.Token());

        await TestLimit.UntilAsync(() => second.Status.Participation == Participation.Refused);
        second.Status.Detail.ShouldContain("hears another process of this node");
        cluster[node].Status.Participation.ShouldBe(Participation.TakesPart);
        await cluster.Client.ProposeAsync(leader, [1]);
        await cluster.StopAsync(TestCluster.Names.First(one => one != leader && one != node));
        await cluster.Client.ProposeAsync(leader, [2]);
    }

    /// <summary>
    /// The folder is from before the process that the others hear, which took its word with it.
    /// </summary>
    private static async Task<string> ReplaceByOldCopyAsync(TestCluster cluster, string leader)
    {
        var old = TestCluster.Names.First(node => node != leader);
        await cluster.AgreedLogAsync(leader);
        await cluster.StopAsync(old);
        var (folder, copy) = (cluster.Folder.Of(old), cluster.Folder.Of(old + ".copy"));
        Copy(folder, copy);
        await StartAndBeHeardAsync(cluster, leader, old);
        await cluster.StopAsync(old);
        Directory.Delete(folder, recursive: true);
        Copy(copy, folder);
        return old;
    }

    /// <summary>
    /// Without the third the leader commits only what it has heard this process acknowledge, and not one that
    /// ran before it.
    /// </summary>
    private static async Task StartAndBeHeardAsync(TestCluster cluster, string leader, string node)
    {
        await cluster.StartAsync(node);
        var third = TestCluster.Names.First(one => one != leader && one != node);
        await cluster.StopAsync(third);
        await cluster.Client.ProposeAsync(leader, [1], [2]);
        await cluster.StartAsync(third);
        await cluster.AgreedLogAsync(leader);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
