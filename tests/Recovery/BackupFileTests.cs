using Muster.Broker;
using Muster.Contracts.Recovery;
using Muster.Recovery.Backups;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Recovery.Tests;

public sealed class BackupFileTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, 987, TimeSpan.Zero);

    [Fact]
    public void A_backup_is_read_as_it_was_written()
    {
        var states = BackupFile.Read(Small());

        states.Select(state => state.Summary.Group).ShouldBe(["lock", "registry"]);
        states[0].State.ShouldBe([1, 2, 3, 10, 10]);
        states[1].State.ShouldBeEmpty();
    }

    [Fact]
    public void Every_flipped_bit_of_every_byte_is_found()
    {
        var bytes = Small();
        for (var position = 0; position < bytes.Length; position++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                bytes[position] ^= (byte)(1 << bit);
                Should.Throw<BackupDamagedException>(
                    () => BackupFile.Read(bytes), $"byte {position} bit {bit}");
                bytes[position] ^= (byte)(1 << bit);
            }
        }
        BackupFile.Read(bytes).Count.ShouldBe(2);
    }

    [Fact]
    public void Every_shortened_and_every_lengthened_file_is_found()
    {
        var bytes = Small();
        for (var length = 0; length < bytes.Length; length++)
        {
            Should.Throw<BackupDamagedException>(() => BackupFile.Read(bytes.AsSpan(0, length)));
        }
        Should.Throw<BackupDamagedException>(() => BackupFile.Read([.. bytes, 0]));
    }

    [Fact]
    public void Names_sort_by_time_and_nothing_else_is_one()
    {
        var name = BackupFolder.NameOf(Now, "muster");

        name.ShouldBe("muster-20260504T030201987Z-muster.backup");
        BackupFolder.IsName(name).ShouldBeTrue();
        BackupFolder.IsName("../" + name).ShouldBeFalse();
        BackupFolder.IsName(name + "\n").ShouldBeFalse();
        BackupFolder.IsName("muster-20260504T030201987Z-a/b.backup").ShouldBeFalse();
        BackupFolder.IsName(".." + name).ShouldBeFalse();
    }

    [Fact]
    public void A_folder_lists_the_newest_first_without_damaged_headers_and_leaves_nothing_half_written()
    {
        var path = Scratch.NewFolder("backups");
        var folder = new BackupFolder(path);
        var (older, newer) = (BackupFolder.NameOf(Now, "c"), BackupFolder.NameOf(Now.AddSeconds(1), "c"));
        folder.Write(newer, Small(), Now);
        folder.Write(older, Small(), Now);
        File.WriteAllText(Path.Combine(path, BackupFolder.NameOf(Now.AddDays(1), "c")), "not a backup");
        var leftOver = Path.Combine(path, $".{older}.{Guid.NewGuid():N}.tmp");
        File.WriteAllText(leftOver, "half");
        File.SetLastWriteTimeUtc(leftOver, Now.UtcDateTime.AddHours(-2));

        folder.List().Select(backup => backup.Name).ShouldBe([newer, older]);
        Should.Throw<IOException>(() => folder.Write(older, Small(), Now));

        Directory.GetFiles(path, ".*").ShouldBeEmpty();
        folder.Read(older).ShouldBe(Small());
        folder.Read("../" + older).ShouldBeNull();
    }

    private static byte[] Small() => BackupFile.Write(
        new() { Cluster = "c" }, [State("lock", [1, 2, 3, 10, 10]), State("registry", [])]);

    private static SavedState State(string group, byte[] state) => new(
        new GroupBackup
        {
            Group = group,
            Machine = group,
            Epoch = 3,
            Index = new(9),
            Bytes = state.Length,
            Checksum = StateRestoration.ChecksumOf(state),
        },
        state);
}
