using Muster.Bus;
using Muster.Consensus.Tests.Cluster;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests;

/// <summary>A restored backup is one entry of some MiB.</summary>
public sealed class LargeEntryTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task An_entry_of_6_MiB_reaches_replicas_and_a_follower_that_was_away()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await using var replica = await TestReplica.StartAsync(cluster.Bus, "r");
        await using var other = await TestReplica.StartAsync(cluster.Bus, "s");
        await replica.AddAsync([1]);
        await other.NextEffectAsync(own: false);
        var away = TestCluster.Names.First(node => node != leader);
        await cluster.StopAsync(away);

        var total = (await replica.AddAsync(Blob(6 * MiB))).Total;
        total.ShouldBeGreaterThan(MiB);
        (await other.NextEffectAsync(own: false)).Total.ShouldBe(total);
        total = (await replica.AddAsync(Blob(8 * MiB))).Total;
        (await replica.AddAsync([1])).Total.ShouldBe(total + 1);

        await cluster.StartAsync(away);
        var log = await cluster.AgreedLogAsync(leader);
        // One that took longer than a second was sent again, and is there twice.
        log.Select(entry => entry.Payload.Length / MiB).Where(size => size > 0).Distinct().ShouldBe([6, 8]);
        await using var late = await TestReplica.StartAsync(cluster.Bus, "t");
        (await late.ReadTotalAsync()).Result.ShouldBe(total + 1);
    }

    [Fact]
    public async Task A_command_that_no_message_can_carry_is_refused_at_once_and_the_largest_is_not()
    {
        var (cluster, _) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await using var replica = await TestReplica.StartAsync(cluster.Bus, "r");
        const int Framing = 64; // the envelope and the command's length
        replica.Submit(Blob(LogEntry.LargestPayloadBytes));
        (await replica.NextWordAsync()).ShouldBe($"too large {LogEntry.LargestPayloadBytes}");
        (await replica.AddAsync(Blob(LogEntry.LargestPayloadBytes - Framing))).Total.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void The_largest_entry_fits_into_every_message_that_carries_it()
    {
        const int BrokersLimit = 16 * MiB;
        var payload = new byte[LogEntry.LargestPayloadBytes];
        var logId = new string('a', 29);
        var entry = new LogEntry { Index = new(long.MaxValue), LogTime = long.MaxValue, Payload = payload };
        Fits(new ProposeEntries { Group = "lock", LogId = logId, Payloads = [payload] });
        Fits(new AppendEntries { Group = "lock", LogId = logId, Entries = [entry] });
        Fits(new EntriesRead { Group = "lock", LogId = logId, Entries = [entry] });
        Fits(new EntriesCommitted { Group = "lock", LogId = logId, Entries = [entry] });
        Fits(new InstallSnapshot { Group = "lock", LogId = logId, Snapshot = new() { Payload = payload } });

        static void Fits<T>(T message) where T : class =>
            BusJson.Write(message).Length.ShouldBeLessThan(BrokersLimit - 4096);
    }

    private static byte[] Blob(int bytes)
    {
        var blob = new byte[bytes];
        new Random(bytes).NextBytes(blob);
        return blob;
    }
}
