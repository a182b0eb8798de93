using Muster.Consensus.Tests.Cluster;
using Muster.Contracts;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests;

/// <summary>
/// Somebody puts an old copy of a node's folder in place: the same disk id, without its memory.
/// </summary>
public sealed class OldCopyTests
{
    private const int EntriesLost = 2025;

    [Fact]
    public async Task The_leader_says_so_and_repairs_the_node()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await cluster.AgreedLogAsync(leader);
        var old = TestCluster.Names.First(node => node != leader);
        await cluster.StopAsync(old);
        var (folder, copy) = (cluster.Folder.Of(old), cluster.Folder.Of(old + ".copy"));
        Copy(folder, copy);
        await cluster.StartAsync(old);
        await cluster.Client.ProposeAsync(leader, [1], [2]);
        // The leader had the follower's word before it told it that these are committed.
        await cluster.AgreedLogAsync(leader);

        await cluster.StopAsync(old);
        Directory.Delete(folder, recursive: true);
        Copy(copy, folder);
        await cluster.StartAsync(old);

        (await cluster.Log.WaitForAsync(EntriesLost, $"{old} lost acknowledged entries"))
            .ShouldContain(TestClient.Group);
        (await cluster.AgreedLogAsync(leader)).Count.ShouldBe(3);
        await TestLimit.UntilAsync(() => cluster[leader].Status.LostEntries.Count == 1);
        cluster.HealthOf(leader).Detail.ShouldContain($"{old} lost acknowledged entries of lock");
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
