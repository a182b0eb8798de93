using Microsoft.Data.Sqlite;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.History;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests.History;

/// <summary>What a replica's history keeps, over restarts, snapshots, floods and broken files.</summary>
public sealed class LockHistoryTests
{
    private static readonly FencingToken OfEntry2 = new(102);

    [Fact]
    public async Task What_was_applied_before_a_query_is_in_its_answer()
    {
        await using var history = RecordedHistory.Start(RecordedHistory.NewFile());
        history.Grant(1, "a", "b");
        history.Grant(2, "a");

        var read = await history.ReadAsync();
        read.Entries.Select(entry => (entry.Index.Value, entry.Ordinal, entry.Name)).ShouldBe(
            [(1, 0, "a"), (1, 1, "b"), (2, 0, "a")]);
        var entry = read.Entries[2];
        (entry.Kind, entry.LogTime, entry.At, entry.IsLate, entry.SessionId, entry.Owner, entry.AcquireId)
            .ShouldBe((
                LockHistoryKind.Granted, 20, history.Time.GetUtcNow(), false, "s-a", "o", "a2"));
        (entry.FencingToken, entry.DurationMilliseconds).ShouldBe((OfEntry2, 0));
        (read.SinceIndex, read.Since).ShouldBe((new LogIndex(1), history.Time.GetUtcNow()));
        (read.HasMore, read.Gaps.Count).ShouldBe((false, 0));
    }

    [Fact]
    public async Task A_restart_goes_on_and_doubles_nothing()
    {
        var file = RecordedHistory.NewFile();
        await using (var before = RecordedHistory.Start(file))
        {
            before.Grant(1, "a");
            before.Grant(2);
            before.Grant(3, "b");
        }
        await using var after = RecordedHistory.Start(file);
        (await after.PlacesAsync()).ShouldBe(["1.0 a", "3.0 b"]); // before anything is applied again
        after.Grant(2);
        after.Grant(3, "b");
        after.Grant(4, "c");

        (await after.PlacesAsync()).ShouldBe(["1.0 a", "3.0 b", "4.0 c"]);
        (await after.GapsAsync()).ShouldBeEmpty();
    }

    /// <summary>Also what bounds have removed is not new when it is applied again.</summary>
    [Fact]
    public async Task Replayed_entries_that_were_forgotten_stay_so()
    {
        var file = RecordedHistory.NewFile() with { MostEntries = 2 };
        await using (var before = RecordedHistory.Start(file))
        {
            before.Grant(1, "a");
            before.Grant(2, "b", "c");
        }
        await using var after = RecordedHistory.Start(file);
        after.Grant(1, "a");
        after.Grant(2, "b", "c");

        var read = await after.ReadAsync();
        read.Entries.Select(entry => entry.Name).ShouldBe(["b", "c"]);
        read.SinceIndex.ShouldBe(new LogIndex(2));
    }

    [Fact]
    public async Task Entries_behind_a_snapshot_are_a_gap_after_a_restart_and_while_it_runs()
    {
        var file = RecordedHistory.NewFile();
        await using (var before = RecordedHistory.Start(file))
        {
            before.Grant(1, "a");
            before.Grant(2, "b");
            before.Grant(9, "c");
        }
        await using var after = RecordedHistory.Start(file);
        after.Grant(21, "d");

        (await after.PlacesAsync()).ShouldBe(["1.0 a", "2.0 b", "9.0 c", "21.0 d"]);
        (await after.GapsAsync()).ShouldBe(["10-20 NotApplied", "3-8 NotApplied"]);
    }

    /// <summary>A replica that never was there before did not miss anything: it begins.</summary>
    [Fact]
    public async Task The_first_history_begins_where_its_replica_does()
    {
        await using var history = RecordedHistory.Start(RecordedHistory.NewFile());
        (await history.ReadAsync()).Since.ShouldBeNull();
        history.Grant(500, "a");

        var read = await history.ReadAsync();
        (read.SinceIndex, read.Gaps.Count).ShouldBe((new LogIndex(500), 0));
    }

    /// <summary>Nothing is taken from the queue before the loop runs.</summary>
    [Fact]
    public async Task What_has_no_room_is_a_gap_and_is_told()
    {
        var settings = RecordedHistory.NewFile() with { Capacity = 3 };
        var slow = new LockHistory(
            settings, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        slow.LogFollowed("log");
        Apply(slow, 1, "a", "b");
        Apply(slow, 2, "c", "d");
        Apply(slow, 3);
        Apply(slow, 4, "e");
        Apply(slow, 5);
        await slow.RunAsync(new CancellationToken(canceled: true));

        await using var history = RecordedHistory.Start(settings);
        history.Grant(6, "f");
        (await history.PlacesAsync()).ShouldBe(["1.0 a", "1.1 b", "6.0 f"]);
        (await history.GapsAsync()).ShouldBe(["2-4 TooMuch"]);
    }

    [Fact]
    public async Task Another_log_begins_another_history()
    {
        var file = RecordedHistory.NewFile();
        await using (var before = RecordedHistory.Start(file))
        {
            before.Grant(7, "a");
            await before.ReadAsync();
            before.Grant(8, "unwritten");
            before.History.LogFollowed("second");
            before.Grant(1, "b");
            (await before.PlacesAsync()).ShouldBe(["1.0 b"]);
        }
        await using var after = RecordedHistory.Start(file, "third");
        after.Grant(1, "c");
        (await after.PlacesAsync()).ShouldBe(["1.0 c"]);
        (await after.GapsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_restoration_is_a_gap()
    {
        await using var history = RecordedHistory.Start(RecordedHistory.NewFile());
        history.Grant(1, "a");
        history.History.Applied(new LogIndex(2), [], isRestoration: true, isLate: false);
        history.Grant(3, "a");

        (await history.GapsAsync()).ShouldBe(["2-2 Restored"]);
    }

    /// <summary>Once what was of the refused entry is written, and once while it waits.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_applied_with_an_entry_that_is_refused_later_is_a_gap(bool isWritten)
    {
        var file = RecordedHistory.NewFile();
        await using (var before = RecordedHistory.Start(file))
        {
            before.Grant(1, "a");
            before.Grant(2, "refused");
            before.Grant(3, "b", "c");
            if (isWritten)
            {
                (await before.PlacesAsync()).Count().ShouldBe(4);
            }
            before.History.Withdrawn(new(2), new(3));
            (await before.PlacesAsync()).ShouldBe(["1.0 a"]);
            before.Grant(4, "d");
            (await before.PlacesAsync()).ShouldBe(["1.0 a", "4.0 d"]);
            (await before.GapsAsync()).ShouldBe(["2-3 Refused"]);
        }
        // A start before the refusal goes the same way again.
        await using var after = RecordedHistory.Start(file);
        after.Grant(2, "refused");
        after.Grant(3, "b", "c");
        after.History.Withdrawn(new(2), new(3));
        after.Grant(4, "d");
        after.Grant(5, "e");
        (await after.PlacesAsync()).ShouldBe(["1.0 a", "4.0 d", "5.0 e"]);
        (await after.GapsAsync()).ShouldBe(["2-3 Refused"]);
    }

    [Fact]
    public async Task Of_what_is_refused_a_gap_is_left_only_as_far_as_the_history_goes_back()
    {
        var settings = RecordedHistory.NewFile() with { MostEntries = 2 };
        await using var history = RecordedHistory.Start(settings);
        foreach (var index in Enumerable.Range(1, 5))
        {
            history.Grant(index, "x");
        }
        (await history.PlacesAsync()).ShouldBe(["4.0 x", "5.0 x"]);
        history.History.Withdrawn(new(2), new(5));
        history.Grant(6, "y");
        (await history.PlacesAsync()).ShouldBe(["6.0 y"]);
        (await history.GapsAsync()).ShouldBe(["4-5 Refused"]);
    }

    [Fact]
    public async Task The_oldest_go_first_by_number_and_by_age()
    {
        var settings = RecordedHistory.NewFile() with { MostEntries = 3, Age = TimeSpan.FromHours(1) };
        await using var history = RecordedHistory.Start(settings);
        history.Grant(1, "a");
        history.Grant(2, "b");
        history.Grant(3, "c", "d");
        (await history.PlacesAsync()).ShouldBe(["2.0 b", "3.0 c", "3.1 d"]);

        history.Time.Advance(TimeSpan.FromMinutes(50));
        history.Grant(4, "e");
        await history.ReadAsync();
        history.Time.Advance(TimeSpan.FromMinutes(11));
        history.Grant(5);
        var read = await history.ReadAsync();
        read.Entries.Select(entry => entry.Name).ShouldBe(["e"]);
        read.SinceIndex.ShouldBe(new LogIndex(4));
    }

    [Fact]
    public async Task A_gap_goes_with_what_is_before_it()
    {
        await using var history = RecordedHistory.Start(RecordedHistory.NewFile() with { MostEntries = 1 });
        history.Grant(1, "a");
        history.Grant(5, "b");
        (await history.GapsAsync()).ShouldBe(["2-4 NotApplied"]);
        history.Grant(6, "c");

        (await history.PlacesAsync()).ShouldBe(["6.0 c"]);
        (await history.GapsAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_is_none_is_put_aside_and_begun_anew(bool isOfAnotherVersion)
    {
        var settings = RecordedHistory.NewFile();
        if (isOfAnotherVersion)
        {
            await using var other = new SqliteConnection($"Data Source={settings.Path};Pooling=False");
            await other.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = other.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        else
        {
            await File.WriteAllTextAsync(
                settings.Path, new string('x', 5_000), TestContext.Current.CancellationToken);
        }
        await using var history = RecordedHistory.Start(settings);
        history.Grant(1, "a");

        (await history.PlacesAsync()).ShouldBe(["1.0 a"]);
        history.History.Problem.ShouldBeNull();
        File.Exists(settings.Path + ".damaged").ShouldBeTrue();
    }

    /// <summary>The disk is the file's own limit here; the error is the same.</summary>
    [Fact]
    public async Task A_full_disk_stops_the_history_and_nothing_else()
    {
        var settings = RecordedHistory.NewFile() with { MaxPages = 30 };
        await using (var history = RecordedHistory.Start(settings))
        {
            history.Grant(1, "a");
            (await history.PlacesAsync()).ShouldBe(["1.0 a"]);
            history.Grant(2, [.. Enumerable.Range(0, 1_000).Select(number => $"b{number}")]);
            (await history.PlacesAsync()).ShouldBe(["1.0 a"]);
            history.History.Problem.ShouldNotBeNull().ShouldContain("full");
            history.Grant(3, [.. Enumerable.Range(0, 1_000).Select(number => $"c{number}")]);
            (await history.GapsAsync()).ShouldBe(["2-3 NotWritten"]);

            history.Grant(4, "d");
            (await history.PlacesAsync()).ShouldBe(["1.0 a", "4.0 d"]);
            (await history.GapsAsync()).ShouldBe(["2-3 NotWritten"]);
            history.History.Problem.ShouldBeNull();
        }
        await using var after = RecordedHistory.Start(settings);
        (await after.GapsAsync()).ShouldBe(["2-3 NotWritten"]);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_a_refusal_with_its_reason()
    {
        var settings = RecordedHistory.NewFile();
        await File.WriteAllTextAsync(settings.Path, "a file", TestContext.Current.CancellationToken);
        await using var history = RecordedHistory.Start(
            settings with { Path = Path.Combine(settings.Path, "lock.db") });
        history.Grant(1, "a");

        var refused = (await history.AskAsync(new() { CommandId = "q" })).LockRefused.ShouldNotBeNull();
        (refused.Reason, refused.CommandId).ShouldBe((LockRefusal.NoHistory, "q"));
        history.History.Problem.ShouldNotBeNull();
    }

    [Fact]
    public async Task Without_a_folder_it_lives_as_long_as_its_process()
    {
        var settings = RecordedHistory.NewFile() with { Path = "" };
        await using (var before = RecordedHistory.Start(settings))
        {
            before.Grant(1, "a");
            (await before.PlacesAsync()).ShouldBe(["1.0 a"]);
        }
        await using var after = RecordedHistory.Start(settings);
        (await after.PlacesAsync()).ShouldBeEmpty();
    }

    private static void Apply(LockHistory history, long index, params string[] names) => history.Applied(
        new LogIndex(index), [.. names.Select(name => RecordedHistory.Fact(index, name))],
        isRestoration: false, isLate: false);
}
