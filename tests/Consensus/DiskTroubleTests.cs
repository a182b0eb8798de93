using Microsoft.Data.Sqlite;
using Muster.Consensus.Core;
using Muster.Consensus.Storage;
using Muster.Consensus.Tests.Cluster;
using Muster.Contracts.Consensus;
using Shouldly;
using Xunit;
using static Muster.Consensus.Tests.Cluster.StoreFolder;

namespace Muster.Consensus.Tests;

/// <summary>A disk that is full or fails is not called a damaged one, and takes nothing back.</summary>
public sealed class DiskTroubleTests : IDisposable
{
    private readonly StoreFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_commit_on_a_full_disk_fails_with_its_reason_and_what_was_before_is_there()
    {
        using (var store = _folder.Open())
        {
            Restore(store);
            store.Commit(
                [("lock", new RaftOutput { HardState = new(new(1), new("n1")), Append = [Entry(1)] })]);
            store.Execute("PRAGMA max_page_count = 1"); // not below what the file has by now

            var failure = Should.Throw<DiskFailedException>(() => store.Commit(
                [("lock", new RaftOutput { Append = [Entry(2, new byte[50_000])] })]));

            failure.Message.ShouldContain("no space left");
            failure.Message.ShouldContain("consensus.db");
        }
        using var again = _folder.Open(bootstrap: false);
        Restore(again).Entries.Select(entry => entry.Index.Value).ShouldBe([1]);
    }

    [Theory]
    [InlineData("UPDATE entries SET payload = x'00'")]
    [InlineData("DELETE FROM hard_state")]
    public void A_scrub_that_cannot_write_anew_what_went_bad_fails_with_its_reason(string change)
    {
        using var store = _folder.Open();
        Restore(store);
        store.Commit([("lock", new RaftOutput { HardState = new(new(1), new("n1")), Append = [Entry(1)] })]);
        var scrub = store.ScrubOf("lock", new RaftCore(new RaftOptions(), Restore(store)));
        store.Execute(change);
        store.Execute("PRAGMA query_only = ON");

        var failure = Should.Throw<DiskFailedException>(() => scrub.Step());

        failure.Message.ShouldContain("for reading alone");
        failure.Message.ShouldContain("consensus.db");
    }

    [Theory]
    [InlineData(13, "no space left")]
    [InlineData(10, "fails to read or write")]
    [InlineData(8, "for reading alone")]
    [InlineData(14, "cannot be opened for writing")]
    public void A_start_on_a_disk_in_trouble_says_so_and_asks_for_no_other_folder(int code, string says)
    {
        var refused = DiskTrouble.AtStart("consensus.db", new SqliteException("of SQLite", code));
        refused.Message.ShouldContain(says);
        refused.Message.ShouldContain("of SQLite");
        refused.Message.ShouldContain("Nothing is lost");
        refused.Message.ShouldNotContain("is damaged");
        refused.Message.ShouldNotContain(DataFolder.Advice);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(26)]
    [InlineData(1)] // a table or column is missing
    public void What_the_file_says_wrong_is_damage(int code)
    {
        var refused = DiskTrouble.AtStart("consensus.db", new SqliteException("of SQLite", code));
        refused.Message.ShouldContain("is damaged");
        refused.Message.ShouldContain(DataFolder.Advice);
    }

    private static LogEntry Entry(long index, byte[]? payload = null) => new()
    {
        Index = new(index),
        Term = new(1),
        LogTime = 10 * index,
        Kind = EntryKind.Command,
        Payload = payload ?? [1],
    };
}
