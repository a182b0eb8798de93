using Muster.Contracts;
using Muster.Contracts.Registry;
using Shouldly;
using Xunit;

namespace Muster.Views.Tests;

/// <summary>What holds for every cache of views.</summary>
public abstract class ServiceViewsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Several writers and readers of one cache, which nobody has used.</summary>
    protected abstract Task<IReadOnlyList<IServiceViews>> OpenAsync(int count);

    [Fact]
    public async Task A_view_is_read_as_it_was_written_with_its_age()
    {
        var views = (await OpenAsync(1))[0];
        (await views.ReadAsync("web", Stop)).ShouldBeNull();
        (await views.WriteAsync(Sample.View(3, 5), Sample.Ttl, TimeSpan.FromSeconds(7), Stop)).ShouldBeTrue();
        var stored = (await views.ReadAsync("web", Stop)).ShouldNotBeNull();
        stored.Age.ShouldBeInRange(TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(17));
        (stored.View.Epoch, stored.View.Index).ShouldBe((3, new LogIndex(5)));
        var instance = stored.View.Instances.ShouldHaveSingleItem();
        (instance.InstanceId, instance.Port, instance.Metadata["k"]).ShouldBe(("i3-5", 80, "v"));
        instance.Tags.ShouldBe(["ä", "b"]);
        (await views.ReadAsync("other", Stop)).ShouldBeNull();
    }

    [Fact]
    public async Task A_view_grows_older_and_is_forgotten_at_its_ttl()
    {
        var views = (await OpenAsync(1))[0];
        // Long enough for two looks on a machine that stands still for a second between them.
        var ttl = TimeSpan.FromSeconds(3);
        await views.WriteAsync(Sample.View(1, 1), ttl, TimeSpan.Zero, Stop);
        var ages = new List<TimeSpan>();
        await Until.TrueAsync(
            async () =>
            {
                if (await views.ReadAsync("web", Stop) is not { } stored)
                {
                    return true;
                }
                ages.Add(stored.Age);
                return false;
            },
            "the view stays");
        ages.ShouldBe(ages.Order());
        ages[^1].ShouldBeLessThanOrEqualTo(ttl);
        ages[^1].ShouldBeGreaterThan(ages[0]);
        (await views.WriteAsync(Sample.View(1, 1), ttl, ttl, Stop)).ShouldBeFalse();
        (await views.ReadAsync("web", Stop)).ShouldBeNull();
    }

    [Theory]
    [InlineData(2, 9, 2, 8)]
    [InlineData(2, 9, 1, 10)]
    [InlineData(9_007_199_254_740_990, 9_007_199_254_740_991, 9_007_199_254_740_990, 9_007_199_254_740_990)]
    public async Task An_older_version_never_replaces_a_newer_one(
        long epoch, long index, long olderEpoch, long olderIndex)
    {
        var views = (await OpenAsync(1))[0];
        var (newer, older) = (Sample.View(epoch, index), Sample.View(olderEpoch, olderIndex));
        await views.WriteAsync(newer, Sample.Ttl, TimeSpan.FromSeconds(30), Stop);
        (await views.WriteAsync(older, Sample.Ttl, TimeSpan.Zero, Stop)).ShouldBeTrue();
        var kept = (await views.ReadAsync("web", Stop)).ShouldNotBeNull();
        kept.View.Instances[0].InstanceId.ShouldBe(newer.Instances[0].InstanceId);
        kept.Age.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(30));
        await views.WriteAsync(older with { Service = "new" }, Sample.Ttl, TimeSpan.Zero, Stop);
        await views.WriteAsync(newer with { Service = "new" }, Sample.Ttl, TimeSpan.Zero, Stop);
        (await views.ReadAsync("new", Stop)).ShouldNotBeNull().View.Instances[0].InstanceId
            .ShouldBe(newer.Instances[0].InstanceId);
    }

    [Fact]
    public async Task The_same_version_is_made_younger_and_never_older()
    {
        var views = (await OpenAsync(1))[0];
        var view = Sample.View(1, 1);
        await views.WriteAsync(view, Sample.Ttl, TimeSpan.FromSeconds(40), Stop);
        await views.WriteAsync(view, Sample.Ttl, TimeSpan.FromSeconds(20), Stop);
        (await AgeAsync(views)).ShouldBeInRange(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30));
        await views.WriteAsync(view, Sample.Ttl, TimeSpan.FromSeconds(50), Stop);
        (await AgeAsync(views)).ShouldBeInRange(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(35));
        // Another writer's ttl: ages compare, not what is left.
        await views.WriteAsync(view, Sample.Ttl * 10, TimeSpan.FromSeconds(50), Stop);
        (await AgeAsync(views)).ShouldBeInRange(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task An_emptied_service_is_a_view_like_any_other()
    {
        var views = (await OpenAsync(1))[0];
        await views.WriteAsync(Sample.View(1, 1), Sample.Ttl, TimeSpan.Zero, Stop);
        var empty = new ServiceView { Service = "web", Epoch = 1, Index = new LogIndex(2) };
        await views.WriteAsync(empty, Sample.Ttl, TimeSpan.Zero, Stop);
        await views.WriteAsync(Sample.View(1, 1), Sample.Ttl, TimeSpan.Zero, Stop);
        (await views.ReadAsync("web", Stop)).ShouldNotBeNull().View.Instances.ShouldBeEmpty();
    }

    [Fact]
    public async Task Under_eight_writers_no_reader_ever_sees_a_version_older_than_before()
    {
        const int Writers = 8;
        const int Writes = 150;
        var all = await OpenAsync(Writers + 2);
        await all[0].WriteAsync(Sample.View(1, 1), Sample.Ttl, TimeSpan.Zero, Stop);
        var readersRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(async number =>
        {
            await readersRead.Task;
            var random = new Random(number);
            for (var write = 0; write < Writes; write++)
            {
                var version = Sample.View(random.Next(1, 4), random.Next(1, 200));
                (await all[number].WriteAsync(version, Sample.Ttl, TimeSpan.Zero, Stop)).ShouldBeTrue();
                await Task.Yield();
            }
        }));
        var reading = all.Skip(Writers).Select(async views =>
        {
            (long Epoch, long Index) newest = (0, 0);
            do
            {
                var stored = (await views.ReadAsync("web", Stop)).ShouldNotBeNull();
                var version = (stored.View.Epoch, stored.View.Index.Value);
                version.CompareTo(newest).ShouldBeGreaterThanOrEqualTo(0);
                // Whole, not one writer's version with another's instances.
                stored.View.Instances[0].InstanceId.ShouldBe($"i{version.Epoch}-{version.Value}");
                newest = version;
                readersRead.TrySetResult();
                await Task.Yield();
            }
            while (!writing.IsCompleted);
            return newest.Epoch;
        }).ToList();
        await Task.WhenAll([writing, .. reading]);
        (await all[0].ReadAsync("web", Stop)).ShouldNotBeNull().View.Epoch.ShouldBe(3);
    }

    [Fact]
    public async Task Announcements_that_follow_each_other_leave_no_gap()
    {
        var views = await OpenAsync(2);
        using var heard = await ListenAsync(views[1], views[0], Sample.Told(1, 11, 10));
        await views[0].AnnounceAsync(Sample.Told(1, 11, 12, "web", "api"), Stop);
        await views[0].AnnounceAsync(Sample.Told(1, 13, 12), Stop);
        await views[0].AnnounceAsync(Sample.Told(1, 12, 13, "api", "db"), Stop);
        (await heard.AfterAsync("1: 11..10", 3))
            .ShouldBe(["1: 11..12 web,api", "1: 13..12", "1: 12..13 api,db"]);
    }

    [Fact]
    public async Task A_missing_number_and_another_epoch_are_gaps_and_old_news_are_dropped()
    {
        var views = await OpenAsync(2);
        using var heard = await ListenAsync(views[1], views[0], Sample.Told(5, 11, 10));
        heard.Lines.SkipWhile(line => line == "gap").First().ShouldBe("5: 11..10");
        heard.Lines[0].ShouldBe("gap");
        await views[0].AnnounceAsync(Sample.Told(5, 13, 14, "web"), Stop);
        await views[0].AnnounceAsync(Sample.Told(5, 11, 12, "late"), Stop);
        await views[0].AnnounceAsync(Sample.Told(4, 15, 99, "lost epoch"), Stop);
        await views[0].AnnounceAsync(Sample.Told(5, 14, 14, "again"), Stop);
        await views[0].AnnounceAsync(Sample.Told(6, 3, 2), Stop);
        (await heard.AfterAsync("5: 11..10", 5))
            .ShouldBe(["gap", "5: 13..14 web", "5: 15..14", "gap", "6: 3..2"]);
    }

    [Fact]
    public async Task A_listener_that_throws_or_left_does_not_disturb_the_others()
    {
        var views = await OpenAsync(2);
        using var broken = views[1].Subscribe(
            _ => throw new InvalidOperationException("mine"), () => throw new InvalidOperationException());
        using var left = await ListenAsync(views[1], views[0], Sample.Told(1, 1, 0));
        left.Dispose();
        using var heard = await ListenAsync(views[1], views[0], Sample.Told(1, 1, 1, "web"));
        heard.Lines.ShouldContain("1: 1..1 web");
        // What was announced before may still have been on its way to it.
        left.Lines.ShouldNotContain("1: 1..1 web");
    }

    /// <summary>Subscribes, and returns once the announcement is heard: it is repeated until then.</summary>
    private static async Task<Heard> ListenAsync(
        IServiceViews listener, IServiceViews announcer, ViewAnnouncement announcement)
    {
        var heard = new Heard(listener);
        var line = $"{announcement.Epoch}: {announcement.FromNumber}..{announcement.ToNumber}";
        await Until.TrueAsync(
            async () =>
            {
                await announcer.AnnounceAsync(announcement, Stop);
                return heard.Lines.Any(one => one.StartsWith(line, StringComparison.Ordinal));
            },
            "the subscription hears nothing");
        return heard;
    }

    private static async Task<TimeSpan> AgeAsync(IServiceViews views) =>
        (await views.ReadAsync("web", Stop)).ShouldNotBeNull().Age;
}
