using Muster.Broker;
using Muster.Bus;
using Muster.Cluster;
using Muster.Cluster.Wire;
using Muster.Contracts.Decisions;
using Muster.Contracts.Recovery;
using Shouldly;
using Xunit;

namespace Muster.Coordination.Tests.Backups;

/// <summary>
/// A backup of everything, put back after every disk of the consensus was lost, while replicas, Redis and
/// subscribers live on.
/// </summary>
public sealed class BackupTests(BackupTests.WholeStack stack, RedisFixture redises)
    : IClassFixture<BackupTests.WholeStack>
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task What_was_backed_up_comes_back_as_often_as_it_is_restored_and_nothing_old_comes_to_life()
    {
        var redis = await redises.ControllableAsync();
        var cluster = await stack.WholeAsync(redis.Connection);
        await using var content = await Content.StartAsync(cluster);
        await content.WriteAsync();
        var saved = await content.ReadAsync();
        var decided = await DecideAsync(cluster, "first");

        var backup = await BackUpAsync(cluster);
        backup.Groups.Select(group => group.Machine).Order()
            .ShouldBe(["decisions", "detector", "lock", "recovery", "registry"]);
        await content.WriteMoreAsync();
        var old = await content.ReadAsync();
        old.Same(saved).ShouldBeFalse("the test has written more");

        await cluster.WipeAsync();
        await cluster.BeWholeAsync();
        (await content.ReadConfigAsync()).ShouldBeEmpty("everything is lost");
        (await DecideAsync(cluster, "second")).Value.ShouldBe("second", "decisions too");
        await content.WriteMoreAsync();
        var wiped = await content.ReadAsync();
        wiped.ShouldBeLaterThan(old);

        var first = await RestoreAsync(cluster, backup);
        var restored = await ComesBackAsync(content, saved);
        (await DecideAsync(cluster, "third")).ShouldBe(decided, "it was the first of all");
        restored.ShouldBeLaterThan(wiped);
        await content.WatchShowsAsync(saved, Soon);
        await content.ViewsShowAsync(saved, restored, Soon);
        foreach (var group in first.Groups)
        {
            group.Epoch.ShouldBeGreaterThan(backup.Groups.Single(saved => saved.Group == group.Group).Epoch);
        }

        await content.WriteMoreAsync();
        var between = await content.ReadAsync();
        var second = await RestoreAsync(cluster, backup);
        var again = await ComesBackAsync(content, saved);
        again.ShouldBeLaterThan(between);
        await content.WatchShowsAsync(saved, Soon);
        await content.ViewsShowAsync(saved, again, Soon);
        foreach (var group in second.Groups)
        {
            group.Epoch.ShouldBeGreaterThan(first.Groups.Single(other => other.Group == group.Group).Epoch);
        }
    }

    [Fact]
    public async Task A_flipped_byte_is_found_and_nothing_is_changed()
    {
        var redis = await redises.ControllableAsync();
        var cluster = await stack.WholeAsync(redis.Connection);
        await using var content = await Content.StartAsync(cluster);
        await content.WriteAsync();
        var backup = await BackUpAsync(cluster);
        await content.WriteMoreAsync();
        var before = await content.ReadAsync();
        var file = Path.Combine(cluster.BackupFolder, backup.Name);
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        var places = new[] { 0, bytes.Length / 3, bytes.Length / 2, bytes.Length - 1 };

        foreach (var place in places)
        {
            bytes[place] ^= 1;
            await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
            bytes[place] ^= 1;
            var refused = (await Stack.AskAsync(
                cluster, new Restore { CommandId = NewId(), Backup = backup.Name })).Read<RecoveryRefused>();
            refused.Reason.ShouldBe(RecoveryRefusal.BackupDamaged, $"byte {place}: {refused.Message}");
        }

        var after = await content.ReadAsync();
        after.Same(before).ShouldBeTrue($"{before}\nthen {after}");
        after.ViewEpoch.ShouldBe(before.ViewEpoch);
    }

    private static async Task<Decision> DecideAsync(MusterCluster cluster, string value)
    {
        BareAnswer? answer = null;
        await Until.TrueAsync(
            async () => (answer = await Stack.AskAsync(
                cluster, new ProposeValue { CommandId = NewId(), Key = "backup", Value = value })).Type
                == BusJson.TypeName(typeof(ValueProposed)),
            MusterCluster.Patience, () => $"a decision: {answer}");
        return answer!.Read<ValueProposed>().Decision;
    }

    private static string NewId() => Guid.NewGuid().ToString("N");

    private static async Task<Backup> BackUpAsync(MusterCluster cluster) =>
        (await Stack.AskAsync(cluster, new BackupNow { CommandId = NewId() }))
        .Read<BackupCompleted>().Backup;

    private static async Task<RestoreCompleted> RestoreAsync(MusterCluster cluster, Backup backup)
    {
        var completed = (await Stack.AskAsync(
            cluster, new Restore { CommandId = NewId(), Backup = backup.Name })).Read<RestoreCompleted>();
        completed.Groups.Select(group => group.Group).Order()
            .ShouldBe(backup.Groups.Select(group => group.Group).Order());
        return completed;
    }

    private static async Task<ContentRead> ComesBackAsync(Content content, ContentRead saved)
    {
        var now = await content.ReadAsync();
        now.Same(saved).ShouldBeTrue($"{saved}\nnow {now}");
        return now;
    }

    public sealed class WholeStack(BrokerFixture brokers)
        : Stack(brokers, new ClusterOptions { Registries = 2, Detectors = 1, Recoveries = 2 });
}
