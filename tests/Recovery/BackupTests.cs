using System.Globalization;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Shouldly;
using Xunit;

namespace Muster.Recovery.Tests;

public sealed class BackupTests
{
    [Fact]
    public async Task Groups_are_backed_up_and_put_back_with_everything_old_dead()
    {
        await using var cluster = await RecoveryCluster.StartAsync();
        await cluster.FormAsync();
        var backup = await BackUpAsync(cluster);
        backup.Groups.Select(group => (group.Group, group.Machine)).ShouldBe(
            [("lock", "lock"), ("recovery", "recovery")]);
        (await cluster.WriteAsync("a", 1, 1, [2])).ShouldBeOfType<StateWritten>();
        await ReleaseAsync(cluster);
        var newest = await cluster.LockAsync("session-c");

        var restored = await RestoreAsync(cluster, backup.Name, "restore-1");

        restored.Groups.Select(group => group.Group).ShouldBe(["lock", "recovery"]);
        restored.Groups[0].Epoch.ShouldBeGreaterThan(backup.Groups[0].Epoch);
        restored.Groups[1].Epoch.ShouldBeGreaterThan(backup.Groups[1].Epoch);
        var recovered = await cluster.RecoverAsync();
        recovered.State.ShouldBe([1]);
        recovered.Freshness.Epoch.ShouldBe(restored.Groups[1].Epoch);
        (await cluster.WriteAsync("a", 1, 1, [3])).ShouldBeOfType<RecoveryRefused>().Reason
            .ShouldBe(RecoveryRefusal.NotPrimary);
        (await cluster.DescribeLockAsync()).Holders[0].SessionId.ShouldBe("session-a");
        await ReleaseAsync(cluster);
        var after = await cluster.LockAsync("session-d");
        after.ShouldBeGreaterThan(newest);

        // The same restoration again is the same one; another of the same backup is a later one.
        (await RestoreAsync(cluster, backup.Name, "restore-1")).Groups.ShouldBe(restored.Groups);
        (await cluster.DescribeLockAsync()).Holders[0].SessionId.ShouldBe("session-d");
        var again = await RestoreAsync(cluster, backup.Name, "restore-2");
        again.Groups[1].Epoch.ShouldBeGreaterThan(restored.Groups[1].Epoch);
        await ReleaseAsync(cluster);
        (await cluster.LockAsync("session-e")).ShouldBeGreaterThan(after);
        await cluster.UntilAsync(
            () => cluster.HeardOf<RestoreCompleted>().Count == 3
                && cluster.HeardOf<BackupCompleted>().Count == 1,
            "backups and restorations are told");
    }

    [Fact]
    public async Task A_flipped_byte_is_refused_and_nothing_is_changed()
    {
        await using var cluster = await RecoveryCluster.StartAsync();
        await cluster.FormAsync();
        var backup = await BackUpAsync(cluster);
        await cluster.WriteAsync("a", 1, 1, [2]);
        var file = Path.Combine(cluster.Backups, backup.Name);
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        var refused = await cluster.RecoveryAsync<Restore, RestoreCompleted>(
            new() { CommandId = "r", Backup = backup.Name });

        refused.ShouldBeOfType<RecoveryRefused>().Reason.ShouldBe(RecoveryRefusal.BackupDamaged);
        (await cluster.RecoverAsync()).State.ShouldBe([2]);
        (await cluster.DescribeLockAsync()).Freshness.Epoch.ShouldBe(backup.Groups[0].Epoch);
    }

    [Fact]
    public async Task What_cannot_be_done_is_said()
    {
        await using var cluster = await RecoveryCluster.StartAsync();
        (await cluster.RecoveryAsync<ListBackups, BackupsListed>(new() { CommandId = "l0" }))
            .ShouldBeOfType<BackupsListed>().Backups.ShouldBeEmpty();
        var backup = await BackUpAsync(cluster);
        (await cluster.RecoveryAsync<ListBackups, BackupsListed>(new() { CommandId = "l1" }))
            .ShouldBeOfType<BackupsListed>().Backups.ShouldHaveSingleItem().Name.ShouldBe(backup.Name);

        (await ReasonAsync(new() { CommandId = "r1", Backup = "../" + backup.Name }))
            .ShouldBe(RecoveryRefusal.BackupUnknown);
        (await ReasonAsync(new() { CommandId = "r2", Backup = backup.Name, Groups = ["registry"] }))
            .ShouldBe(RecoveryRefusal.BackupUnknown);
        (await ReasonAsync(new() { CommandId = new string('x', 129), Backup = backup.Name }))
            .ShouldBe(RecoveryRefusal.CommandIdInvalid);
        (await cluster.RecoveryAsync<BackupNow, BackupCompleted>(
            new() { CommandId = "b1", Groups = ["../lock"] })).ShouldBeOfType<RecoveryRefused>().Reason
            .ShouldBe(RecoveryRefusal.ArgumentInvalid);

        async Task<RecoveryRefusal> ReasonAsync(Restore restore) =>
            (await cluster.RecoveryAsync<Restore, RestoreCompleted>(restore))
                .ShouldBeOfType<RecoveryRefused>().Reason;
    }

    [Fact]
    public async Task A_group_that_cannot_be_had_is_named_and_does_not_keep_the_others_from_a_backup()
    {
        await using var cluster = await RecoveryCluster.StartAsync(
            options: options => options with { StateTimeout = TimeSpan.FromSeconds(1) });
        await cluster.FormAsync();

        var completed = (await cluster.RecoveryAsync<BackupNow, BackupCompleted>(
            new() { CommandId = "b1", Groups = ["recovery", "absent"] })).ShouldBeOfType<BackupCompleted>();
        var refused = (await cluster.RecoveryAsync<BackupNow, BackupCompleted>(
            new() { CommandId = "b2", Groups = ["absent"] })).ShouldBeOfType<RecoveryRefused>();

        completed.Backup.Groups.ShouldHaveSingleItem().Group.ShouldBe("recovery");
        var missing = completed.Missing.ShouldHaveSingleItem();
        (missing.Group, missing.Message.Contains("no replica answered", StringComparison.Ordinal))
            .ShouldBe(("absent", true));
        refused.Reason.ShouldBe(RecoveryRefusal.GroupUnavailable);
        refused.Message.ShouldContain("absent");
    }

    [Fact]
    public async Task A_state_of_more_than_a_backup_takes_is_compressed_into_it()
    {
        const int States = 30;
        await using var cluster = await RecoveryCluster.StartAsync(
            options: options => options with { MaxTotalStateBytes = 8 * 1024 * 1024 });
        for (var number = 0; number < States; number++)
        {
            var group = "g" + number.ToString(CultureInfo.InvariantCulture);
            await cluster.RecoveryAsync<RegisterStandby, RecoveryAccepted>(
                new() { CommandId = StandbyGroupScript.Id(), Group = group, Member = "a" });
            (await cluster.RecoveryAsync<UpdateState, StateWritten>(new()
            {
                CommandId = StandbyGroupScript.Id(),
                Group = group,
                Member = "a",
                GroupEpoch = 1,
                State = new byte[256 * 1024],
            })).ShouldBeOfType<StateWritten>();
        }

        var backup = await BackUpAsync(cluster);
        await RestoreAsync(cluster, backup.Name, "restore");

        backup.Groups.Single(group => group.Group == "recovery").Bytes.ShouldBeLessThan(64 * 1024);
        (await cluster.RecoveryAsync<RecoverState, StateRecovered>(
            new() { CommandId = "q", Group = "g29" })).ShouldBeOfType<StateRecovered>()
            .State.Length.ShouldBe(256 * 1024);
    }

    [Fact]
    public async Task A_repeated_backup_is_the_one_that_is_there()
    {
        await using var cluster = await RecoveryCluster.StartAsync(
            options: options => options with { StateTimeout = TimeSpan.FromSeconds(1) });
        await cluster.FormAsync();
        BackupNow command = new() { CommandId = "b1", Groups = ["recovery", "absent"] };
        var first = (await cluster.RecoveryAsync<BackupNow, BackupCompleted>(command))
            .ShouldBeOfType<BackupCompleted>();

        var second = (await cluster.RecoveryAsync<BackupNow, BackupCompleted>(command))
            .ShouldBeOfType<BackupCompleted>();
        var others = (await cluster.RecoveryAsync<BackupNow, BackupCompleted>(
            command with { Groups = ["recovery"] })).ShouldBeOfType<RecoveryRefused>();

        (second.Backup.Name, second.Missing.Single().Group).ShouldBe((first.Backup.Name, "absent"));
        second.Backup.Groups.ShouldBe(first.Backup.Groups);
        others.Reason.ShouldBe(RecoveryRefusal.CommandIdInvalid);
        Directory.GetFiles(cluster.Backups).ShouldHaveSingleItem();

        var file = Path.Combine(cluster.Backups, first.Backup.Name);
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        (await cluster.RecoveryAsync<BackupNow, BackupCompleted>(command))
            .ShouldBeOfType<RecoveryRefused>().Reason.ShouldBe(RecoveryRefusal.BackupDamaged);
    }

    [Fact]
    public async Task A_restoration_may_have_an_id_as_long_as_any()
    {
        await using var cluster = await RecoveryCluster.StartAsync();
        await cluster.FormAsync();
        var backup = await BackUpAsync(cluster);
        var id = new string('x', 128);

        var restored = await RestoreAsync(cluster, backup.Name, id);

        restored.Groups.Select(group => group.Group).ShouldBe(["lock", "recovery"]);
        (await RestoreAsync(cluster, backup.Name, id)).Groups.ShouldBe(restored.Groups);
        var another = await RestoreAsync(cluster, backup.Name, id[..127] + "y");
        another.Groups[0].Epoch.ShouldBeGreaterThan(restored.Groups[0].Epoch);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_said()
    {
        await using var cluster = await RecoveryCluster.StartAsync();
        await File.WriteAllTextAsync(cluster.Backups, "in the way", TestContext.Current.CancellationToken);

        var answer = await cluster.RecoveryAsync<BackupNow, BackupCompleted>(new() { CommandId = "b" });

        answer.ShouldBeOfType<RecoveryRefused>().Reason.ShouldBe(RecoveryRefusal.StorageFailed);
    }

    private static async Task<Backup> BackUpAsync(RecoveryCluster cluster) =>
        (await cluster.RecoveryAsync<BackupNow, BackupCompleted>(
            new() { CommandId = StandbyGroupScript.Id() })).ShouldBeOfType<BackupCompleted>().Backup;

    private static async Task<RestoreCompleted> RestoreAsync(
        RecoveryCluster cluster, string backup, string commandId) =>
        (await cluster.RecoveryAsync<Restore, RestoreCompleted>(
            new() { CommandId = commandId, Backup = backup })).ShouldBeOfType<RestoreCompleted>();

    private static async Task ReleaseAsync(RecoveryCluster cluster) =>
        (await cluster.AskAsync<BreakLock, LockBroken, LockRefused, LockUnknown>(new()
        {
            CommandId = StandbyGroupScript.Id(),
            Name = RecoveryCluster.LockName,
        })).ShouldBeOfType<LockBroken>();
}
