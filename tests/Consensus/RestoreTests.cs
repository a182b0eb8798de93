using Microsoft.Data.Sqlite;
using Muster.Consensus.Core;
using Muster.Consensus.Storage;
using Muster.Consensus.Tests.Cluster;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Hosting;
using Shouldly;
using Xunit;
using static Muster.Consensus.Tests.Cluster.StoreFolder;

namespace Muster.Consensus.Tests;

/// <summary>What was stored comes back, or is refused, wherever it stands.</summary>
public sealed class RestoreTests : IDisposable
{
    private readonly StoreFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5000)]
    public void A_log_of_any_length_comes_back_as_it_was(int length)
    {
        var written = Fill(length);
        using var store = _folder.Open();
        var restored = Restore(store);
        restored.Damage.ShouldBeNull();
        restored.Entries.Select(Show).ShouldBe(written.Select(Show));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2500)]
    [InlineData(5000)]
    public void A_bad_row_is_found_wherever_it_stands_and_all_after_it_goes(int bad)
    {
        Fill(5000);
        Execute(_folder.Of("n1"), $"UPDATE entries SET payload = x'00' WHERE log_index = {bad}");
        using var store = _folder.Open();
        var restored = Restore(store);
        restored.Entries.Count.ShouldBe(bad - 1);
        restored.Damage.ShouldBe(new LogDamage(new(5000), new(7)));
    }

    [Fact]
    public async Task A_node_that_is_refused_for_what_its_folder_keeps_lets_the_folder_go()
    {
        var (cluster, _) = await TestCluster.FormAsync();
        await using var _ = cluster;
        await cluster.StopAsync("n1");
        var folder = cluster.Folder.Of("n1");
        Execute(folder, "UPDATE hard_state SET term = term + 1");

        var refused = await Should.ThrowAsync<StartRefusedException>(() => cluster.StartAsync("n1"));
        refused.Message.ShouldContain("The term and vote of group");
        Should.Throw<StartRefusedException>(() => DataFolder.Hold(folder)).Message.ShouldContain("in use");
        await cluster.StopAsync("n1");
        DataFolder.Hold(folder).Dispose();
    }

    private List<LogEntry> Fill(int length)
    {
        var entries = Enumerable.Range(1, length).Select(index => new LogEntry
        {
            Index = new(index),
            Term = new(7),
            LogTime = index * 10,
            Kind = EntryKind.Command,
            Payload = [.. BitConverter.GetBytes(index).Take(index % 5)],
        }).ToList();
        using var store = _folder.Open();
        store.Commit([("lock", new RaftOutput
        {
            HardState = new(new(7), new("n2")),
            Append = entries,
        })]);
        return entries;
    }

    private static string Show(LogEntry entry) =>
        $"{entry.Index} {entry.Term} {entry.LogTime} {entry.Kind} {Convert.ToHexString(entry.Payload)}";

    private static void Execute(string folder, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={folder}/consensus.db;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
