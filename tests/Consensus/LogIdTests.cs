using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Muster.Consensus.Storage;
using Muster.Consensus.Tests.Cluster;
using Muster.Contracts;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests;

public sealed class LogIdTests : IDisposable
{
    private static readonly string[] Names = ["n1", "n2", "n3"];

    private readonly TestFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_is_named_when_the_last_disk_is_known_and_the_same_on_all_nodes()
    {
        using var n1 = Open("n1");
        using var n2 = Open("n2");
        using var n3 = Open("n3");
        n1.StoreDisk(new("n2"), n2.DiskId);
        n1.LogId.ShouldBe("");
        n1.StoreDisk(new("n3"), n3.DiskId);
        n3.StoreDisk(new("n1"), n1.DiskId);
        n3.StoreDisk(new("n2"), n2.DiskId);
        n1.LogId.ShouldMatch("^[0-9a-f]{12}-[0-9a-f]{16}$");
        n3.LogId.ShouldBe(n1.LogId);
    }

    [Fact]
    public void It_lasts()
    {
        var first = Form(_folder.Of("n1"));
        _time.Advance(TimeSpan.FromDays(1));
        using var again = Open("n1");
        again.LogId.ShouldBe(first);
    }

    [Fact]
    public void A_folder_from_before_logs_had_names_gets_the_one_that_all_its_nodes_compute()
    {
        var first = Form(_folder.Of("n1"));
        Execute(_folder.Of("n1"), "DELETE FROM meta WHERE name = 'log_id'");
        using var again = Open("n1", bootstrap: false);
        again.LogId.ShouldBe(first);
    }

    [Fact]
    public void A_later_bootstrap_has_the_greater_name_and_disks_without_a_time_are_the_oldest()
    {
        var logs = new List<string>();
        var old = Names.ToDictionary(
            name => new NodeId(name), name => new Guid(name[1], 0, 0x4000, new byte[8]).ToString("N"));
        old[new("n2")] = new Guid("ffffffff-ffff-4fff-bfff-ffffffffffff").ToString("N");
        logs.Add(LogId.Of(old));
        for (var bootstrap = 0; bootstrap < 20; bootstrap++)
        {
            logs.Add(LogId.Of(Names.ToDictionary(name => new NodeId(name), _ => NewDisk())));
        }
        logs[0].ShouldStartWith("000000000000-");
        logs.ShouldBe(logs.Order(StringComparer.Ordinal));
        logs.ShouldBeUnique();
    }

    [Fact]
    public void Another_disk_under_any_name_is_another_log()
    {
        var disks = Names.ToDictionary(name => new NodeId(name), _ => NewDisk());
        var first = LogId.Of(disks);
        (disks[new("n1")], disks[new("n2")]) = (disks[new("n2")], disks[new("n1")]);
        LogId.Of(disks).ShouldNotBe(first);
    }

    private string NewDisk()
    {
        _time.Advance(TimeSpan.FromMilliseconds(1));
        return LogId.NewDisk(_time.GetUtcNow());
    }

    /// <summary>Bootstraps n1 with two other disks and closes it.</summary>
    private string Form(string folder)
    {
        using var store = Open(Path.GetFileName(folder));
        store.StoreDisk(new("n2"), NewDisk());
        store.StoreDisk(new("n3"), NewDisk());
        return store.LogId;
    }

    private ConsensusStore Open(string node, bool bootstrap = true) => ConsensusStore.Open(
        _folder.Of(node),
        new DiskIdentity
        {
            ClusterId = "c1",
            Node = new(node),
            Members = [.. Names.Select(name => new NodeId(name))],
            Groups = ["lock"],
        },
        bootstrap, _time);

    private static void Execute(string folder, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={folder}/consensus.db;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery().ShouldBe(1);
    }
}
