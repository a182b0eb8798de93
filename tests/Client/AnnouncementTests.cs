using Muster.Contracts;
using Muster.Contracts.Registry;

namespace Muster.Client.Tests;

public class AnnouncementTests
{
    private static ServiceView View(long index, long epoch = 1, params string[] instances) => new()
    {
        Service = "a",
        Epoch = epoch,
        Index = new LogIndex(index),
        Instances = [.. instances.Select(id => new ServiceInstance { Service = "a", InstanceId = id })],
    };

    [Theory]
    [InlineData(ReadMode.Cached)]
    [InlineData(ReadMode.Linearizable)]
    public async Task An_answer_that_an_announcement_overtook_is_not_taken_for_current(ReadMode mode)
    {
        var cache = new ViewsDouble();
        await using var test = new ClientUnderTest(views: cache);
        await test.RegisterAsync("a");
        await test.ResolveAsync("other"); // announcements are listened to from here on
        test.Registry.Override = command =>
        {
            if (command.ResolveService is { Service: "a" })
            {
                cache.Announce("a"); // of a change that this answer does not have
            }
            return null;
        };
        await test.ResolveAsync("a", new ResolveOptions { Mode = mode });
        test.Registry.Override = _ => null;
        cache.Announce(); // names nothing, and so confirms what is current
        var asked = test.Registry.Resolves.Count();

        var next = await test.ResolveAsync("a");

        next.Source.ShouldBe(ResolveSource.Bus);
        test.Registry.Resolves.Count().ShouldBe(asked + 1);
    }

    [Fact]
    public async Task Announcements_keep_the_local_copy_fresh_for_as_long_as_a_minute()
    {
        var cache = new ViewsDouble();
        await using var test = new ClientUnderTest(views: cache);
        cache.Store(View(5));
        await test.ResolveAsync("a");

        for (var second = 0; second < 59; second++)
        {
            test.Pass(1);
            cache.Announce(second % 2 == 0 ? ["b"] : []);
        }
        var local = await test.ResolveAsync("a");
        test.Pass(1);
        var read = await test.ResolveAsync("a");

        (local.Source, local.Age).ShouldBe((ResolveSource.Local, TimeSpan.Zero));
        read.Source.ShouldBe(ResolveSource.Redis);
    }

    [Fact]
    public async Task A_service_that_is_announced_as_changed_is_read_anew()
    {
        var cache = new ViewsDouble();
        await using var test = new ClientUnderTest(views: cache);
        cache.Store(View(5));
        await test.ResolveAsync("a");
        cache.Store(View(6));

        cache.Announce("b", "a");
        var changed = await test.ResolveAsync("a");
        test.Pass(10);
        cache.Announce();

        (changed.Source, changed.Index.Value).ShouldBe((ResolveSource.Redis, 6));
        (await test.ResolveAsync("a")).Source.ShouldBe(ResolveSource.Local);
    }

    [Fact]
    public async Task A_change_announced_while_a_view_is_being_read_is_not_missed()
    {
        var cache = new ViewsDouble();
        await using var test = new ClientUnderTest(views: cache);
        cache.Store(View(5));
        await test.ResolveAsync("a");
        test.Pass(6);
        var slow = new TaskCompletionSource();
        cache.Slowness = slow.Task;
        var resolving = test.ResolveAsync("a");
        await Waiting.UntilAsync(() => cache.Reads == 2);

        cache.Announce("a");
        slow.SetResult();
        await resolving;

        await test.ResolveAsync("a");
        cache.Reads.ShouldBe(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_announced_while_a_stricter_read_runs_beside_another_is_not_missed(
        bool isStricterFirst)
    {
        var cache = new ViewsDouble();
        await using var test = new ClientUnderTest(views: cache);
        cache.Store(View(5));
        var (slow, strict) = (new TaskCompletionSource(), new TaskCompletionSource());
        cache.Slowness = slow.Task;
        var lax = test.ResolveAsync("a");
        await Waiting.UntilAsync(() => cache.Reads == 1);
        cache.Slowness = strict.Task;
        var stricter = test.ResolveAsync("a", new ResolveOptions { MaxAge = TimeSpan.FromSeconds(1) });
        await Waiting.UntilAsync(() => cache.Reads == 2);

        cache.Announce("a");
        (isStricterFirst ? strict : slow).SetResult();
        await (isStricterFirst ? stricter : lax);
        (isStricterFirst ? slow : strict).SetResult();
        await Task.WhenAll(lax, stricter);
        cache.Slowness = Task.CompletedTask;

        await test.ResolveAsync("a");
        cache.Reads.ShouldBe(3);
    }

    [Fact]
    public async Task After_a_gap_announcements_confirm_nothing_that_was_read_before_it()
    {
        var cache = new ViewsDouble();
        await using var test = new ClientUnderTest(views: cache);
        cache.Store(View(5));
        await test.ResolveAsync("a");
        test.Pass(4);
        cache.Announce();
        cache.Gap();
        cache.Announce();

        test.Pass(4);
        cache.Announce();
        var confirmedBefore = await test.ResolveAsync("a");
        test.Pass(2);
        cache.Announce();
        var read = await test.ResolveAsync("a");

        (confirmedBefore.Source, confirmedBefore.Age)
            .ShouldBe((ResolveSource.Local, TimeSpan.FromSeconds(4)));
        read.Source.ShouldBe(ResolveSource.Redis);
    }

    [Fact]
    public async Task What_a_fail_over_of_the_cache_set_back_is_read_anew_once_it_is_too_old()
    {
        var cache = new ViewsDouble();
        await using var test = new ClientUnderTest(views: cache);
        await test.ResolveAsync("other"); // announcements are listened to from here on
        cache.Gap();
        cache.Store(View(10), ageSeconds: 2); // of before the gap: 11 was written, announced and lost
        await test.ResolveAsync("a");
        cache.Store(View(11));
        for (var second = 0; second < 5; second++)
        {
            test.Pass(1);
            cache.Announce();
        }

        var read = await test.ResolveAsync("a");
        test.Pass(10);
        cache.Announce();
        var local = await test.ResolveAsync("a");

        (read.Source, read.Index.Value).ShouldBe((ResolveSource.Redis, 11));
        (local.Source, local.Age).ShouldBe((ResolveSource.Local, TimeSpan.Zero));
    }
}
