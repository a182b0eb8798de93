using Muster.Contracts;
using Muster.Contracts.Registry;

namespace Muster.Client.Tests;

public class ResolveTests
{
    private static readonly ResolveOptions Fresh = new() { MaxAge = TimeSpan.Zero };

    private static ServiceView View(long index, long epoch = 1, params string[] instances) => new()
    {
        Service = "a",
        Epoch = epoch,
        Index = new LogIndex(index),
        Instances = [.. instances.Select(id => new ServiceInstance { Service = "a", InstanceId = id })],
    };

    /// <summary>What a replica answers that is cut off from its log for 15 s.</summary>
    private static RegistryReply? OldCopy(RegistryCommand command, ServiceView view) =>
        command.ResolveService is { Mode: ReadMode.Cached } resolve
            ? new RegistryReply
            {
                ServiceResolved = new ServiceResolved
                {
                    CommandId = resolve.CommandId,
                    View = view,
                    Freshness = new Freshness { Mode = ReadMode.Cached, AgeMilliseconds = 15_000 },
                },
            }
            : null;

    [Fact]
    public async Task Without_a_cache_it_comes_from_the_bus_and_then_from_here_for_five_seconds()
    {
        await using var test = new ClientUnderTest();
        await test.RegisterAsync("a");

        var first = await test.ResolveAsync("a");
        test.Pass(5);
        var second = await test.ResolveAsync("a");
        test.Pass(0.01);
        var third = await test.ResolveAsync("a");

        (first.Source, first.Age).ShouldBe((ResolveSource.Bus, TimeSpan.Zero));
        (second.Source, second.Age).ShouldBe((ResolveSource.Local, TimeSpan.FromSeconds(5)));
        third.Source.ShouldBe(ResolveSource.Bus);
        first.Instances.Single().Host.ShouldBe("h");
        (first.Service, first.Epoch, first.Index.Value).ShouldBe(("a", 1, test.Registry.Index));
        test.Registry.Resolves.ShouldAllBe(resolve => resolve.Mode == ReadMode.Cached);
    }

    [Fact]
    public async Task What_is_told_as_young_enough_is_no_older_though_time_goes_on_while_it_is_looked_at()
    {
        await using var test = new ClientUnderTest();
        await test.RegisterAsync("a");
        await test.ResolveAsync("a");
        test.Pass(4.999);
        test.Time.Advance(TimeSpan.FromMilliseconds(1) - TimeSpan.FromTicks(100));
        test.Time.AutoAdvanceAmount = TimeSpan.FromTicks(1);

        var answers = new List<ResolvedService>();
        while (answers.Count == 0 || answers[^1].Source == ResolveSource.Local)
        {
            answers.Add(await test.ResolveAsync("a"));
        }

        answers.Count.ShouldBeGreaterThan(5);
        answers.ShouldAllBe(answer => answer.Source != ResolveSource.Local
            || answer.Age <= ResolveOptions.Default.MaxAge);
    }

    [Fact]
    public async Task A_service_that_nobody_registered_has_no_instances()
    {
        await using var test = new ClientUnderTest();

        var resolved = await test.ResolveAsync("nobody");

        resolved.Instances.ShouldBeEmpty();
        resolved.Pick().ShouldBeNull();
    }

    [Fact]
    public async Task The_cache_is_asked_before_the_bus_and_its_age_counts()
    {
        var cache = new ViewsDouble();
        await using var test = new ClientUnderTest(views: cache);
        cache.Store(View(5, 1, "x"), ageSeconds: 3);

        var cached = await test.ResolveAsync("a");
        test.Pass(2);
        var local = await test.ResolveAsync("a");

        (cached.Source, cached.Age, cached.Index.Value)
            .ShouldBe((ResolveSource.Redis, TimeSpan.FromSeconds(3), 5));
        (local.Source, local.Age).ShouldBe((ResolveSource.Local, TimeSpan.FromSeconds(5)));
        test.Registry.Resolves.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cached_view_that_is_too_old_or_flushed_or_away_is_asked_for_on_the_bus()
    {
        var cache = new ViewsDouble();
        await using var test = new ClientUnderTest(views: cache);
        test.Registry.Index = 9;
        cache.Store(View(5), ageSeconds: 6);
        (await test.ResolveAsync("a")).Source.ShouldBe(ResolveSource.Bus);
        test.Pass(6);
        cache.Flush();
        (await test.ResolveAsync("a")).Source.ShouldBe(ResolveSource.Bus);
        test.Pass(6);
        cache.Store(View(9));
        cache.IsAway = true;

        (await test.ResolveAsync("a")).Source.ShouldBe(ResolveSource.Bus);
    }

    [Fact]
    public async Task It_never_goes_back()
    {
        var cache = new ViewsDouble();
        await using var test = new ClientUnderTest(views: cache);
        cache.Store(View(8, 2, "new"));
        await test.ResolveAsync("a");
        test.Pass(6);
        cache.Store(View(99, 1, "old")); // of an epoch before the restore
        test.Registry.Override = command => command.ResolveService is { } resolve
            ? new RegistryReply
            {
                ServiceResolved = new ServiceResolved
                {
                    CommandId = resolve.CommandId,
                    View = resolve.Mode == ReadMode.Linearizable ? View(9, 2, "newest") : View(7, 2, "older"),
                },
            }
            : null;

        var resolved = await test.ResolveAsync("a");

        (resolved.Source, resolved.Epoch, resolved.Index.Value).ShouldBe((ResolveSource.Bus, 2, 9));
        resolved.Instances.Single().InstanceId.ShouldBe("newest");
        test.Registry.Resolves.Select(resolve => resolve.Mode)
            .ShouldBe([ReadMode.Cached, ReadMode.Linearizable]);
    }

    [Fact]
    public async Task With_everything_away_it_is_the_last_known_marked_stale()
    {
        var cache = new ViewsDouble();
        await using var test = new ClientUnderTest(views: cache);
        cache.Store(View(5, 1, "x"));
        await test.ResolveAsync("a");
        cache.IsAway = true;
        test.Link.GoDown();

        test.Pass(60);
        var stale = await test.ResolveAsync("a");

        (stale.Source, stale.Age).ShouldBe((ResolveSource.Stale, TimeSpan.FromSeconds(60)));
        stale.Instances.Single().InstanceId.ShouldBe("x");
    }

    [Fact]
    public async Task A_registry_that_does_not_answer_holds_a_caller_up_for_a_quarter_second_once()
    {
        await using var test = new ClientUnderTest();
        await test.ResolveAsync("a");
        test.Registry.IsDeaf = true;
        test.Pass(6);

        var waiting = test.ResolveAsync("a");
        await Waiting.UntilAsync(() => test.Registry.Resolves.Count() == 2);
        waiting.IsCompleted.ShouldBeFalse();
        test.Pass(0.25);
        var first = await waiting;
        var second = await test.ResolveAsync("a");

        (first.Source, second.Source).ShouldBe((ResolveSource.Stale, ResolveSource.Stale));
    }

    [Fact]
    public async Task A_replicas_copy_that_is_older_than_asked_for_is_read_linearizably_instead()
    {
        await using var test = new ClientUnderTest();
        test.Registry.Override = command => OldCopy(command, View(1, 1, "x"));

        var resolved = await test.ResolveAsync("a");

        (resolved.Source, resolved.Age).ShouldBe((ResolveSource.Bus, TimeSpan.Zero));
        test.Registry.Resolves.Select(resolve => resolve.Mode)
            .ShouldBe([ReadMode.Cached, ReadMode.Linearizable]);
    }

    [Fact]
    public async Task And_without_a_majority_it_is_given_soon_and_says_that_it_is_stale()
    {
        await using var test = new ClientUnderTest();
        test.Registry.Override = command =>
        {
            test.Registry.IsDeaf = true; // from this answer on
            return OldCopy(command, View(5, 1, "x"));
        };
        var resolving = test.ResolveAsync("a");
        await Waiting.UntilAsync(() =>
            test.Registry.Resolves.Any(resolve => resolve.Mode == ReadMode.Linearizable));

        test.Pass(0.25);

        var resolved = await resolving;
        (resolved.Source, resolved.Age).ShouldBe((ResolveSource.Stale, TimeSpan.FromSeconds(15.25)));
        resolved.Instances.Single().InstanceId.ShouldBe("x");
    }

    [Fact]
    public async Task A_service_never_seen_with_everything_away_is_unknown()
    {
        await using var test = new ClientUnderTest();
        test.Registry.IsDeaf = true;
        var resolving = test.ResolveAsync("a");
        await test.PassUntilAsync(() => resolving.IsCompleted);

        test.Registry.Resolves.ShouldNotBeEmpty();
        await Should.ThrowAsync<MusterUnknownException>(() => resolving);
    }

    [Fact]
    public async Task Concurrent_resolves_share_one_fetch()
    {
        await using var test = new ClientUnderTest();
        test.Registry.IsDeaf = true;
        // The answer's thread may see much time pass before it runs; too old, it would be asked for again.
        var whatever = new ResolveOptions { MaxAge = TimeSpan.FromHours(1) };
        var resolving = Enumerable.Range(0, 50).Select(_ => test.ResolveAsync("a", whatever)).ToArray();
        await Waiting.UntilAsync(() => test.Registry.Resolves.Any());
        test.Registry.IsDeaf = false;

        await test.PassUntilAsync(() => resolving.All(one => one.IsCompleted));

        await Task.WhenAll(resolving);
        test.Registry.Resolves.Select(resolve => resolve.CommandId).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Linearizable_is_always_asked_on_the_bus_and_never_stale()
    {
        await using var test = new ClientUnderTest();
        var linearizable = new ResolveOptions { Mode = ReadMode.Linearizable };
        (await test.ResolveAsync("a", linearizable)).Source.ShouldBe(ResolveSource.Bus);
        (await test.ResolveAsync("a", linearizable)).Source.ShouldBe(ResolveSource.Bus);
        test.Registry.Resolves.Count(resolve => resolve.Mode == ReadMode.Linearizable).ShouldBe(2);
        test.Registry.IsDeaf = true;
        var unanswered = test.ResolveAsync("a", linearizable);

        await test.PassUntilAsync(() => unanswered.IsCompleted);

        await Should.ThrowAsync<MusterUnknownException>(() => unanswered);
    }

    [Fact]
    public async Task A_maximum_age_of_zero_asks_each_time()
    {
        await using var test = new ClientUnderTest();
        await test.ResolveAsync("a", Fresh);
        test.Pass(0.01);

        (await test.ResolveAsync("a", Fresh)).Source.ShouldBe(ResolveSource.Bus);
    }

    [Fact]
    public async Task A_refused_name_says_why_and_a_cancelled_call_ends()
    {
        await using var test = new ClientUnderTest();
        test.Registry.Override = command =>
            RegistryDouble.Refused(command.ResolveService!.CommandId, RegistryRefusal.QueryInvalid);
        var refused = await Should.ThrowAsync<MusterRefusedException>(() => test.ResolveAsync("!"));
        refused.Reason.ShouldBe(RegistryRefusal.QueryInvalid);
        test.Registry.IsDeaf = true;
        using var cancellation = new CancellationTokenSource();
        var resolving = test.Services.ResolveAsync("b", null, cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => resolving.Soon());
        await test.Client.DisposeAsync().Soon();
        await Should.ThrowAsync<ObjectDisposedException>(() => test.ResolveAsync("a"));
    }

    [Fact]
    public async Task Listing_goes_through_the_pages()
    {
        await using var test = new ClientUnderTest();
        test.Registry.PageSize = 2;
        foreach (var service in (string[])["s1", "s2", "s3", "s4", "s5", "t"])
        {
            await test.RegisterAsync(service);
        }

        var listed = await test.Services.ListAsync("s", TestContext.Current.CancellationToken).Soon();

        listed.Select(service => service.Service).ShouldBe(["s1", "s2", "s3", "s4", "s5"]);
    }

    [Theory]
    [InlineData(null, "abc")]
    [InlineData("z", "bc")]
    [InlineData("elsewhere", "abc")]
    public void Picking_goes_by_weight_and_zone_and_never_to_a_draining_one(string? zone, string expected)
    {
        ServiceInstance Instance(string id, int weight, string inZone, bool isDraining = false) => new()
        {
            InstanceId = id,
            Weight = weight,
            Zone = inZone,
            IsDraining = isDraining,
        };
        var view = View(1) with
        {
            Instances =
            [
                Instance("a", 100, "y"), Instance("b", 100, "z"), Instance("c", 300, "z"),
                Instance("d", 0, "z"), Instance("e", 1_000, "z", isDraining: true),
            ],
        };
        var resolved = new ResolvedService(view, ResolveSource.Local, TimeSpan.Zero);
        var random = new Random(1);

        var picked = Enumerable.Range(0, 4_000).Select(_ => resolved.Pick(zone, random)!.InstanceId)
            .CountBy(id => id).ToDictionary();

        string.Concat(picked.Keys.Order(StringComparer.Ordinal)).ShouldBe(expected);
        (picked["c"] / (double)picked["b"]).ShouldBeInRange(2.5, 3.5);
    }

    [Fact]
    public async Task No_age_at_all_is_one_linearizable_question_and_no_reading_of_the_cache()
    {
        var views = new ViewsDouble();
        await using var test = new ClientUnderTest(views: views);
        await test.RegisterAsync("a");
        views.Store(View(1, 1, "cached"));

        var resolved = await test.ResolveAsync("a", Fresh);

        (resolved.Source, resolved.Age, resolved.Instances.Single().Host)
            .ShouldBe((ResolveSource.Bus, TimeSpan.Zero, "h"));
        test.Registry.Resolves.Select(resolve => resolve.Mode).ShouldBe([ReadMode.Linearizable]);
        views.Reads.ShouldBe(0);
    }
}
