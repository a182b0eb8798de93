using Muster.Contracts.Registry;

namespace Muster.Client.Tests;

public class ConfigWatchTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Reader<ConfigChange> Watch(ClientUnderTest test, string prefix = "") =>
        new(test.Config.WatchAsync(prefix, Cancellation));

    private static string Text(ConfigChange change) =>
        $"{change.Key}={change.Value ?? "gone"}{(change.IsInitial ? "!" : "")}";

    /// <summary>The next that is told is a marker of the test's own: nothing was told before it.</summary>
    private static async Task ToldNothingAsync(ClientUnderTest test, Reader<ConfigChange> watch)
    {
        test.Registry.DeliversEvents = true;
        test.Registry.Write("a/marker", null);
        var marker = $"{test.Registry.Head}";
        test.Registry.Write("a/marker", marker);
        Text(await watch.NextAsync()).ShouldBe($"a/marker={marker}");
    }

    private static int Count(ClientUnderTest test, Func<RegistryCommand, object?> kind) =>
        test.Registry.Received.Count(command => kind(command) is not null);

    [Fact]
    public async Task It_starts_with_what_is_there_and_goes_on_with_changes_of_its_prefix()
    {
        await using var test = new ClientUnderTest();
        test.Registry.Write("a/1", "x");
        test.Registry.Write("b", "x");
        await using var watch = Watch(test, "a/");

        var initial = await watch.NextAsync();
        test.Registry.Write("b", "y");
        test.Registry.Write("a/1", "y");
        var changed = await watch.NextAsync();
        test.Registry.Write("a/1", null);
        var deleted = await watch.NextAsync();

        (Text(initial), Text(changed), Text(deleted)).ShouldBe(("a/1=x!", "a/1=y", "a/1=gone"));
        changed.Version.ShouldBeGreaterThan(initial.Version);
        (deleted.IsDeleted, deleted.Version).ShouldBe((true, 0));
        await ToldNothingAsync(test, watch);
    }

    [Fact]
    public async Task Pages_are_put_together_and_changes_meanwhile_are_not_missed()
    {
        await using var test = new ClientUnderTest();
        test.Registry.PageSize = 1;
        test.Registry.Write("k1", "x");
        test.Registry.Write("k2", "x");
        var pages = 0;
        test.Registry.Override = command =>
        {
            if (command.ListConfig is not null && ++pages == 2)
            {
                test.Registry.Override = _ => null;
                test.Registry.Write("k1", "y"); // after the first page, and told before the second
            }
            return null;
        };
        await using var watch = Watch(test);

        var told = new List<string>();
        while (told.LastOrDefault() != "k1=y")
        {
            told.Add(Text(await watch.NextAsync()));
        }
        told.Except(["k1=x!"]).ShouldBe(["k2=x!", "k1=y"]); // the first may be overtaken by the last
        await ToldNothingAsync(test, watch);
    }

    [Fact]
    public async Task Repeated_events_are_told_once()
    {
        await using var test = new ClientUnderTest();
        await using var watch = Watch(test);
        watch.ShouldBeQuiet();
        var change = test.Registry.Write("k", "x");
        await watch.NextAsync();

        test.Link.Deliver(change);
        test.Pass(5);

        await ToldNothingAsync(test, watch);
    }

    [Fact]
    public async Task A_lost_event_is_noticed_by_the_next_one_and_read()
    {
        await using var test = new ClientUnderTest();
        await using var watch = Watch(test);
        watch.ShouldBeQuiet();
        test.Registry.DeliversEvents = false;
        test.Registry.Write("lost", "x");
        test.Registry.DeliversEvents = true;

        test.Registry.Write("k", "x");
        Text(await watch.NextAsync()).ShouldBe("k=x"); // at once, whatever is missing before it
        watch.ShouldBeQuiet();
        test.Pass(0.3);

        Text(await watch.NextAsync()).ShouldBe("lost=x");
        test.Pass(5);
        await ToldNothingAsync(test, watch);
    }

    [Fact]
    public async Task A_lost_last_event_is_noticed_by_the_head()
    {
        await using var test = new ClientUnderTest();
        await using var watch = Watch(test);
        watch.ShouldBeQuiet();
        test.Pass(1); // the first reading, after the list
        test.Registry.DeliversEvents = false;
        test.Registry.Write("k", "x");
        test.Pass(60);
        watch.ShouldBeQuiet();

        test.Registry.DeliverHead();
        test.Pass(0.3);

        Text(await watch.NextAsync()).ShouldBe("k=x");
    }

    [Fact]
    public async Task An_older_change_of_a_key_that_comes_after_a_newer_one_is_no_news()
    {
        await using var test = new ClientUnderTest();
        await using var watch = Watch(test);
        watch.ShouldBeQuiet();
        test.Registry.DeliversEvents = false;
        ConfigChanged[] changes =
        [
            test.Registry.Write("k", "1"), test.Registry.Write("k", null), test.Registry.Write("k", "3"),
        ];

        test.Link.Deliver(changes[2]);
        test.Link.Deliver(changes[1]);
        test.Link.Deliver(changes[0]);

        Text(await watch.NextAsync()).ShouldBe("k=3");
        test.Pass(5);
        await ToldNothingAsync(test, watch);
    }

    [Fact]
    public async Task Reordered_events_within_the_patience_need_no_reading()
    {
        await using var test = new ClientUnderTest();
        await using var watch = Watch(test);
        watch.ShouldBeQuiet();
        test.Pass(1); // the first reading, after the list
        var reads = Count(test, command => command.ReadRegistryEvents);
        test.Registry.DeliversEvents = false;
        var (first, second) = (test.Registry.Write("a", "x"), test.Registry.Write("b", "x"));
        test.Registry.DeliverHead();
        test.Link.Deliver(second);
        test.Link.Deliver(first);

        test.Pass(5);

        (await watch.NextAsync(2)).Select(Text).ShouldBe(["b=x", "a=x"]);
        Count(test, command => command.ReadRegistryEvents).ShouldBe(reads);
    }

    [Fact]
    public async Task Events_of_other_types_are_gaps_that_a_reading_closes()
    {
        await using var test = new ClientUnderTest();
        await using var watch = Watch(test);
        watch.ShouldBeQuiet();
        for (var i = 0; i < 2_500; i++)
        {
            test.Registry.RegisterOther();
        }
        test.Registry.Write("k", "x");
        await watch.NextAsync();

        test.Pass(1);
        var reads = Count(test, command => command.ReadRegistryEvents);
        test.Registry.DeliverHead();
        test.Pass(5);

        reads.ShouldBeInRange(3, 4); // three pages, and perhaps the one after the list
        Count(test, command => command.ReadRegistryEvents).ShouldBe(reads);
    }

    [Fact]
    public async Task What_changed_while_the_link_was_down_is_told_when_it_is_up()
    {
        await using var test = new ClientUnderTest();
        test.Registry.Write("k", "x");
        await using var watch = Watch(test);
        await watch.NextAsync();
        test.Link.GoDown();
        test.Registry.DeliversEvents = false;
        test.Registry.Write("k", "y");
        test.Registry.Write("n", "x");

        test.Link.GoUp();

        (await watch.NextAsync(2)).Select(Text).ShouldBe(["k=y", "n=x"]);
    }

    [Fact]
    public async Task A_trimmed_stream_is_started_anew_from_the_list_and_only_differences_are_told()
    {
        await using var test = new ClientUnderTest();
        test.Registry.Write("same", "x");
        test.Registry.Write("changed", "x");
        test.Registry.Write("deleted", "x");
        await using var watch = Watch(test);
        await watch.NextAsync(3);
        test.Link.GoDown();
        test.Registry.DeliversEvents = false;
        test.Registry.Write("changed", "y");
        test.Registry.Write("deleted", null);
        test.Registry.Write("new", "x");
        test.Registry.KeptFrom = test.Registry.Head + 1;

        test.Link.GoUp();

        (await watch.NextAsync(3)).Select(Text)
            .ShouldBe(["changed=y", "new=x", "deleted=gone"], ignoreOrder: true);
        watch.ShouldBeQuiet();
        test.Registry.DeliversEvents = true;
        test.Registry.Write("new", "y");
        Text(await watch.NextAsync()).ShouldBe("new=y");
    }

    [Fact]
    public async Task A_restored_registry_is_followed_from_its_new_epoch_on_and_what_differs_is_told()
    {
        await using var test = new ClientUnderTest();
        test.Registry.Write("k", "x");
        test.Registry.Write("gone", "x");
        test.Registry.Write("same", "x");
        await using var watch = Watch(test);
        await watch.NextAsync(3);
        test.Registry.Restore(("k", "restored"), ("same", "x"));

        test.Registry.DeliverHead();

        (await watch.NextAsync(2)).Select(Text).ShouldBe(["k=restored", "gone=gone"]);
        test.Link.Deliver(new ConfigChanged
        {
            Key = "k",
            Entry = new ConfigEntry { Key = "k", Value = "of the old epoch", Version = 99 },
            Event = new() { Epoch = 1, Number = 999 },
        });
        await ToldNothingAsync(test, watch);
        test.Registry.Write("k", "y");
        Text(await watch.NextAsync()).ShouldBe("k=y");
    }

    [Fact]
    public async Task A_group_founded_anew_has_other_values_under_the_same_versions()
    {
        await using var test = new ClientUnderTest();
        test.Registry.FoundAnew("k", "of the first life");
        await using var watch = Watch(test);
        await watch.NextAsync();

        test.Registry.FoundAnew("k", "of the second life");
        test.Registry.DeliverHead();

        Text(await watch.NextAsync()).ShouldBe("k=of the second life");
    }

    [Fact]
    public async Task A_slow_reader_gets_the_newest_of_each_key()
    {
        await using var test = new ClientUnderTest();
        await using var watch = Watch(test);
        watch.ShouldBeQuiet();
        test.Registry.Write("first", "x");
        for (var i = 0; i < 1_000; i++)
        {
            test.Registry.Write($"k{i % 3}", $"{i}");
        }

        Text(await watch.NextAsync()).ShouldBe("first=x");
        (await watch.NextAsync(3)).Select(Text).ShouldBe(["k1=997", "k2=998", "k0=999"]);
        await ToldNothingAsync(test, watch);
    }

    [Fact]
    public async Task A_second_watch_gets_its_own_start_and_disturbs_nobody()
    {
        await using var test = new ClientUnderTest();
        test.Registry.Write("k", "x");
        await using var first = Watch(test);
        await first.NextAsync();
        await using var second = Watch(test, "k");

        Text(await second.NextAsync()).ShouldBe("k=x!");
        test.Registry.Write("k", "y");

        Text(await first.NextAsync()).ShouldBe("k=y");
        Text(await second.NextAsync()).ShouldBe("k=y");
        test.Pass(5);
        await ToldNothingAsync(test, first);
        second.ShouldBeQuiet();
    }

    [Fact]
    public async Task Nobody_watching_costs_nothing_and_a_later_watch_starts_afresh()
    {
        await using var test = new ClientUnderTest();
        await using (var watch = Watch(test))
        {
            test.Registry.Write("k", "x");
            await watch.NextAsync();
        }
        test.Pass(1);
        var before = test.Registry.Received.Count;
        test.Registry.Write("k", "y");
        test.Registry.DeliverHead();
        test.Pass(5);
        test.Registry.Received.Count.ShouldBe(before);

        await using var later = Watch(test);

        Text(await later.NextAsync()).ShouldBe("k=y!");
    }

    [Fact]
    public async Task An_unanswered_list_or_reading_is_asked_again_for_ever()
    {
        await using var test = new ClientUnderTest();
        test.Registry.Write("k", "x");
        test.Registry.IsDeaf = true;
        await using var watch = Watch(test);
        watch.ShouldBeQuiet();
        test.Pass(25);
        test.Registry.IsDeaf = false;
        test.Pass(1);
        Text(await watch.NextAsync()).ShouldBe("k=x!");
        test.Pass(1);
        (test.Registry.IsDeaf, test.Registry.DeliversEvents) = (true, false);
        test.Registry.Write("k", "y");
        test.Registry.DeliverHead();
        test.Pass(25);
        test.Registry.IsDeaf = false;

        test.Pass(2);

        Text(await watch.NextAsync()).ShouldBe("k=y");
    }

    [Fact]
    public async Task It_ends_by_cancellation_refusal_or_the_clients_end()
    {
        await using var test = new ClientUnderTest();
        using var cancellation = new CancellationTokenSource();
        await using var cancelled = new Reader<ConfigChange>(test.Config.WatchAsync("", cancellation.Token));
        cancelled.ShouldBeQuiet();
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => cancelled.NextAsync());
        await using var open = Watch(test);
        open.ShouldBeQuiet();
        test.Registry.Override = command =>
            RegistryDouble.Refused(command.ListConfig!.CommandId, RegistryRefusal.QueryInvalid);
        await using var refused = Watch(test, "\u0001");
        await Should.ThrowAsync<MusterRefusedException>(() => refused.NextAsync());

        await test.Client.DisposeAsync().Soon();

        await Should.ThrowAsync<ObjectDisposedException>(() => open.NextAsync());
    }

    [Fact]
    public async Task Without_events_there_are_no_watches()
    {
        await using var test = new ClientUnderTest(options => options.ReceiveEvents = false);

        Should.Throw<InvalidOperationException>(() => test.Config.WatchAsync());
        Should.Throw<InvalidOperationException>(() => test.Elections.ObserveAsync("e"));
        await test.Config.GetAsync("k", Cancellation).Soon();
    }
}
