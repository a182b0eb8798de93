using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests.History;

/// <summary>What a query picks from the history, page by page, and what an entry says to people.</summary>
public sealed class HistoryQueryTests
{
    [Fact]
    public async Task A_name_a_session_a_token_and_a_time_pick_and_combine()
    {
        await using var history = RecordedHistory.Start(RecordedHistory.NewFile());
        history.Grant(1, "a");
        history.Time.Advance(TimeSpan.FromSeconds(1));
        var second = history.Time.GetUtcNow();
        history.Grant(2, "b");
        history.Time.Advance(TimeSpan.FromSeconds(1));
        history.Grant(3, "a");

        (await history.PlacesAsync(new() { Name = "a" })).ShouldBe(["1.0 a", "3.0 a"]);
        (await history.PlacesAsync(new() { SessionId = "s-b" })).ShouldBe(["2.0 b"]);
        (await history.PlacesAsync(new() { FencingToken = new(103) })).ShouldBe(["3.0 a"]);
        (await history.PlacesAsync(new() { Name = "a", FencingToken = new(102) })).ShouldBeEmpty();
        (await history.PlacesAsync(new() { Name = "a", SessionId = "s-b" })).ShouldBeEmpty();
        (await history.PlacesAsync(new() { From = second })).ShouldBe(["2.0 b", "3.0 a"]);
        (await history.PlacesAsync(new() { Until = second })).ShouldBe(["1.0 a"]);
        (await history.PlacesAsync(new() { Name = "a", From = second })).ShouldBe(["3.0 a"]);
        (await history.PlacesAsync(new() { Name = "' OR 1 = 1 --" })).ShouldBeEmpty();
        (await history.PlacesAsync(new() { Name = null!, SessionId = null! })).Count().ShouldBe(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pages_follow_each_other_in_both_directions_without_a_gap_or_a_repeat(bool newestFirst)
    {
        await using var history = RecordedHistory.Start(RecordedHistory.NewFile());
        for (var index = 1; index <= 7; index++)
        {
            history.Grant(index, "a", "b", "a");
        }
        var query = new ReadLockHistory { Name = "a", NewestFirst = newestFirst, Limit = 4 };
        var all = new List<(long, int)>();
        while (true)
        {
            var page = await history.ReadAsync(query);
            all.AddRange(page.Entries.Select(entry => (entry.Index.Value, entry.Ordinal)));
            if (!page.HasMore)
            {
                break;
            }
            page.Entries.Count.ShouldBe(4);
            var last = page.Entries[^1];
            query = query with { AfterIndex = last.Index, AfterOrdinal = last.Ordinal };
        }
        var expected = Enumerable.Range(1, 7).SelectMany(index => new[] { ((long)index, 0), (index, 2) });
        all.ShouldBe(newestFirst ? expected.Reverse() : expected);
    }

    [Fact]
    public async Task A_page_of_long_texts_ends_early_and_says_so()
    {
        await using var history = RecordedHistory.Start(RecordedHistory.NewFile());
        history.History.Applied(
            new LogIndex(1),
            [
                .. Enumerable.Range(0, 1_000).Select(number => RecordedHistory.Fact(1, $"n{number}") with
                {
                    Owner = new string('o', 256),
                    Reason = new string('r', 256),
                }),
            ],
            isRestoration: false, isLate: false);

        var page = await history.ReadAsync(new() { Limit = 1_000 });
        page.HasMore.ShouldBeTrue();
        page.Entries.Count.ShouldBeInRange(100, 500);
        Muster.Bus.BusJson.Write(page).Length.ShouldBeLessThan(1024 * 1024);
    }

    [Theory]
    [MemberData(nameof(Sentences))]
    public async Task Each_entry_explains_itself(LockFact fact, string sentence)
    {
        await using var history = RecordedHistory.Start(RecordedHistory.NewFile());
        history.History.Applied(new LogIndex(1), [fact], isRestoration: false, isLate: true);

        var entry = (await history.ReadAsync()).Entries.ShouldHaveSingleItem();
        entry.Explanation.ShouldBe(sentence);
        entry.IsLate.ShouldBeTrue();
    }

    public static TheoryData<LockFact, string> Sentences()
    {
        var fact = new LockFact
        {
            Kind = LockHistoryKind.Granted,
            Names = ["x"],
            SessionId = "s1",
            Owner = "ann",
            AcquireId = "a1",
            Token = new FencingToken(7),
            Time = 50_000,
            DurationMilliseconds = 1_200,
            CommandId = "c1",
        };
        var waiting = fact with { Kind = LockHistoryKind.WaitEnded, Token = FencingToken.None };
        var released = fact with { Kind = LockHistoryKind.Released };
        var lost = fact with { Kind = LockHistoryKind.Lost };
        var delayed = fact with { Kind = LockHistoryKind.DelayStarted, DurationMilliseconds = 5_000 };
        var silent = lost with
        {
            Cause = "SessionExpired",
            TtlMilliseconds = 15_000,
            SinceRenewalMilliseconds = 17_300,
        };
        return new()
        {
            { fact, "Granted to session s1 (ann) under token 7, after 1.2 s in the queue." },
            { fact with { DurationMilliseconds = 0 }, "Granted to session s1 (ann) under token 7, at once." },
            {
                fact with { Kind = LockHistoryKind.Queued, Ahead = 2, Owner = "" },
                "session s1 waits, behind 2 others."
            },
            {
                waiting with { Cause = "WaitRanOut" },
                "session s1 (ann) waits no more, after 1.2 s and without a grant: its time to wait ran out."
            },
            {
                released with { Cause = "Released" },
                "Given back by session s1 (ann) (token 7) after 1.2 s: command c1."
            },
            {
                released with { Cause = "Cancelled", IsUpgrade = true },
                "Given back by the upgrade in session s1 (ann) (token 7) after 1.2 s: "
                    + "cancelled by command c1."
            },
            {
                silent,
                "Taken from session s1 (ann) (token 7) after 1.2 s: its session's TTL of 15 s ran out, "
                    + "17.3 s after the last renewal (log time 32700 ms, ended at 50000 ms)."
            },
            {
                lost with { Cause = "Broken", Reason = "stuck" },
                "Taken from session s1 (ann) (token 7) after 1.2 s: broken by command c1, \"stuck\"."
            },
            {
                lost with { Cause = "SomethingNew" },
                "Taken from session s1 (ann) (token 7) after 1.2 s: SomethingNew."
            },
            {
                silent with { Kind = LockHistoryKind.SessionEnded, Names = [], Cause = "SessionClosed" },
                "session s1 (ann) ended: its session was closed by its client."
            },
            { delayed, "Nobody is granted it for 5 s, a lock delay: session s1 (ann) expired." },
            {
                delayed with { Cause = "SessionCrashed" },
                "Nobody is granted it for 5 s, a lock delay: session s1 (ann) crashed."
            },
        };
    }
}
