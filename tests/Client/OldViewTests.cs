using Muster.Contracts;
using Muster.Contracts.Registry;

namespace Muster.Client.Tests;

/// <summary>What is given when nobody has a view that is young enough.</summary>
public class OldViewTests
{
    private static readonly ResolveOptions Linearizable = new() { Mode = ReadMode.Linearizable };

    private static ServiceView View(long index, long epoch = 1, params string[] instances) => new()
    {
        Service = "a",
        Epoch = epoch,
        Index = new LogIndex(index),
        Instances = [.. instances.Select(id => new ServiceInstance { Service = "a", InstanceId = id })],
    };

    [Fact]
    public async Task Without_a_link_a_cached_view_that_is_too_old_is_given_as_stale()
    {
        var cache = new ViewsDouble();
        await using var test = new ClientUnderTest(views: cache);
        cache.Store(View(4, 1, "older"), ageSeconds: 40);
        await test.ResolveAsync("other");
        test.Link.GoDown();

        var first = await test.ResolveAsync("a");
        cache.Store(View(5, 1, "x"), ageSeconds: 20);
        var second = await test.ResolveAsync("a");

        (first.Source, first.Age, first.Index.Value)
            .ShouldBe((ResolveSource.Stale, TimeSpan.FromSeconds(40), 4));
        (second.Source, second.Age, second.Index.Value)
            .ShouldBe((ResolveSource.Stale, TimeSpan.FromSeconds(20), 5));
        second.Instances.Single().InstanceId.ShouldBe("x");
    }

    [Fact]
    public async Task And_of_a_registry_that_does_not_answer_after_a_quarter_second()
    {
        var cache = new ViewsDouble();
        await using var test = new ClientUnderTest(views: cache);
        cache.Store(View(5, 1, "x"), ageSeconds: 20);
        test.Registry.IsDeaf = true;

        var resolving = test.ResolveAsync("a");
        await Waiting.UntilAsync(() => test.Registry.Resolves.Any());
        resolving.IsCompleted.ShouldBeFalse();
        test.Pass(0.25);

        var resolved = await resolving;
        (resolved.Source, resolved.Age).ShouldBe((ResolveSource.Stale, TimeSpan.FromSeconds(20.25)));
        resolved.Instances.Single().InstanceId.ShouldBe("x");
    }

    [Fact]
    public async Task A_copy_that_was_announced_as_changed_stays_so_when_an_older_word_of_it_comes()
    {
        var cache = new ViewsDouble();
        await using var test = new ClientUnderTest(views: cache);
        cache.Store(View(5));
        await test.ResolveAsync("a");
        cache.Announce("a");
        cache.Store(View(5), ageSeconds: 20);
        test.Link.GoDown();

        (await test.ResolveAsync("a")).Source.ShouldBe(ResolveSource.Stale);
        (await test.ResolveAsync("a")).Source.ShouldBe(ResolveSource.Stale);
    }

    [Fact]
    public async Task A_view_of_no_epoch_of_the_registrys_is_replaced_by_a_linearizable_answer()
    {
        var cache = new ViewsDouble();
        await using var test = new ClientUnderTest(views: cache);
        (test.Registry.Epoch, test.Registry.Index) = (2, 5);
        cache.Store(View(8, epoch: 99, "false"));
        await test.ResolveAsync("a");
        cache.Flush();

        var asked = await test.ResolveAsync("a", Linearizable);
        var next = await test.ResolveAsync("a");

        (asked.Source, asked.Epoch, asked.Index.Value).ShouldBe((ResolveSource.Bus, 2, 5));
        (next.Source, next.Epoch, next.Index.Value).ShouldBe((ResolveSource.Local, 2, 5));
    }

    [Fact]
    public async Task And_a_cached_one_asks_for_it_once_nobody_else_has_it()
    {
        var cache = new ViewsDouble();
        await using var test = new ClientUnderTest(views: cache);
        test.Registry.Epoch = 2;
        cache.Store(View(8, epoch: 99, "false"));
        await test.ResolveAsync("a");
        cache.Store(View(5, epoch: 2, "true"));
        test.Pass(6);

        (await test.ResolveAsync("a")).Epoch.ShouldBe(2);
    }

    [Fact]
    public void What_came_while_a_linearizable_question_was_asked_stays()
    {
        var views = new LocalViews(new LeaseClock(TimeProvider.System), capacity: 2);
        var asked = views.Begin("a", TimeSpan.Zero);
        var cached = views.Begin("a", TimeSpan.FromSeconds(5));
        views.Offer(cached, View(8), TimeSpan.Zero, ResolveSource.Redis, isComplete: true);

        views.Settle(asked, View(5)).Index.Value.ShouldBe(8);
        views.Settle(views.Begin("a", TimeSpan.Zero), View(7)).Index.Value.ShouldBe(7);
    }
}
