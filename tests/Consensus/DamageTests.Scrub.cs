using Muster.Consensus.Core;
using Muster.Consensus.Tests.Cluster;
using Muster.Contracts;
using Shouldly;
using Xunit;
using static Muster.Consensus.Tests.Cluster.StoreFolder;

namespace Muster.Consensus.Tests;

/// <summary>What a running node finds in its file, and mends.</summary>
public sealed partial class DamageTests
{
    [Fact]
    public void A_scrub_finds_what_went_bad_meanwhile_and_writes_it_anew()
    {
        Snapshot(4, first: 2);
        using var store = Open();
        var restored = Restore(store);
        var scrub = store.ScrubOf("lock", new RaftCore(new RaftOptions(), restored));
        scrub.Step().ShouldBeEmpty();
        store.Execute("UPDATE entries SET payload = x'00' WHERE log_index = 6");
        store.Execute("DELETE FROM entries WHERE log_index = 8");
        store.Execute("UPDATE snapshots SET payload = x'00'");

        scrub.Step().ShouldBe(["the snapshot at 4", "entry 6", "entry 8"]);
        scrub.Step().ShouldBeEmpty();
        store.Execute("UPDATE entries SET payload = 'text', kind = 'text' WHERE log_index = 7");
        scrub.Step().ShouldBe(["entry 7"]);
        scrub.Step().ShouldBeEmpty();
        var again = Restore(store);
        (again.Damage, again.LastIndex.Value, again.Snapshot!.Payload.Length).ShouldBe((null, 8, 3));
    }

    /// <summary>They are written at an election, or when the log grows: in a quiet group seldom.</summary>
    [Theory]
    [InlineData("UPDATE hard_state SET vote = 'n3'", "term and vote")]
    [InlineData("DELETE FROM hard_state", "term and vote")]
    [InlineData("UPDATE tails SET checksum = checksum + 1", "the end of the log at 8")]
    [InlineData("DELETE FROM tails", "the end of the log at 8")]
    public void A_scrub_mends_what_the_next_start_rests_on(string change, string mended)
    {
        using (var store = Open())
        {
            var scrub = store.ScrubOf("lock", new RaftCore(new RaftOptions(), Restore(store)));
            scrub.Step().ShouldBeEmpty();
            store.Execute(change);
            scrub.Step().ShouldBe([mended]);
            scrub.Step().ShouldBeEmpty();
        }
        using var again = Open();
        var restored = Restore(again);
        (restored.HardState, restored.LastIndex.Value, restored.Damage)
            .ShouldBe((new HardState(new(7), new("n2")), 8, null));
    }

    [Fact]
    public void A_scrub_mends_what_is_to_be_repaired()
    {
        Change("UPDATE entries SET payload = x'00' WHERE log_index = 5");
        using (var store = Open())
        {
            var scrub = store.ScrubOf("lock", new RaftCore(new RaftOptions(), Restore(store)));
            store.Execute("DELETE FROM repairs");
            scrub.Step().ShouldBe(["what is to be repaired"]);
        }
        Read().ShouldBe((4, new LogDamage(new(8), new(7))));
    }

    [Theory]
    [InlineData(6, 7)]
    [InlineData(6, 5)]
    [InlineData(8, 2)]
    public void A_scrub_mends_a_key_that_went_bad_where_it_stands(byte key, byte becomes)
    {
        Change("PRAGMA wal_checkpoint(TRUNCATE)");
        using var store = Open();
        var restored = Restore(store);
        var scrub = store.ScrubOf("lock", new RaftCore(new RaftOptions(), restored));
        WriteKey(key, becomes);

        scrub.Step().ShouldNotBeEmpty();
        scrub.Step().ShouldBeEmpty();
        var again = Restore(store);
        (again.Damage, again.Entries.Count).ShouldBe((null, 8));
    }

    [Fact]
    public void A_scrub_reads_few_rows_at_once_and_fewer_large_ones()
    {
        using var store = Open();
        store.Commit([("lock", new RaftOutput
        {
            TruncateFrom = new LogIndex(1),
            Append = [.. Enumerable.Range(1, 700).Select(
                index => Entry(index) with { Payload = new byte[index <= 3 ? 700_000 : 1] })],
        })]);
        var restored = Restore(store);
        var scrub = store.ScrubOf("lock", new RaftCore(new RaftOptions(), restored));
        store.Execute("UPDATE entries SET payload = x'01' WHERE log_index IN (3, 700)");

        // Two rows of 700 kB, then 256, 256, and the rest.
        scrub.Step().ShouldBeEmpty();
        scrub.Step().ShouldBe(["entry 3"]);
        scrub.Step().ShouldBeEmpty();
        scrub.IsThrough.ShouldBeFalse();
        scrub.Step().ShouldBe(["entry 700"]);
        scrub.IsThrough.ShouldBeTrue();
    }

    [Fact]
    public async Task A_running_node_scrubs_its_file()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await cluster.Client.ProposeAsync(leader, new byte[9_000]);
        await cluster.StopAllAsync();
        foreach (var node in TestCluster.Names)
        {
            Execute(cluster.Folder.Of(node), "PRAGMA wal_checkpoint(TRUNCATE)");
        }
        await cluster.StartAllAsync();
        var elected = await cluster.Client.NextElectionAsync();

        // A page that only holds zeros of that payload, of the file, behind the running node's back.
        var file = Path.Combine(cluster.Folder.Of(elected.Leader.Value), "consensus.db");
        var page = FindZeroPage(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        await using (var stream = new FileStream(
            file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            stream.Position = page + 2_000;
            stream.WriteByte(0x55);
        }
        (await cluster.Log.WaitForAsync(2028, elected.Leader.Value)).ShouldContain("entry ");
        await cluster.StopAsync(elected.Leader.Value);
        Execute(cluster.Folder.Of(elected.Leader.Value),
            "SELECT count(*) FROM entries WHERE payload = zeroblob(9000)").ShouldBe(1L);
    }

    private static int FindZeroPage(byte[] file)
    {
        for (var page = 4096; page < file.Length; page += 4096)
        {
            // An overflow page of the payload: a link of 4 bytes, then content.
            if (file.AsSpan(page + 4, 4000).IndexOfAnyExcept((byte)0) < 0
                && file.AsSpan(page, 4).IndexOfAnyExcept((byte)0) >= 0) return page;
        }
        throw new InvalidOperationException("The file has no such page.");
    }
}
