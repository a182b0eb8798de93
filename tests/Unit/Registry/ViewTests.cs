using Muster.Contracts;
using Muster.Contracts.Registry;
using Muster.Registry.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Registry;

public sealed class ViewTests
{
    [Fact]
    public void An_emptied_service_keeps_the_index_of_its_last_change()
    {
        var bench = new RegistryBench();
        bench.Register("a");
        bench.Deregister("a");
        var view = bench.Machine.View("web");
        (view.Index, view.Instances.Count).ShouldBe((new LogIndex(3), 0));
        bench.Machine.List(new ListServices()).ServicesListed!.Services.ShouldBeEmpty();
        bench.Machine.ViewsAfter("", 10, 10).ShouldHaveSingleItem().Service.ShouldBe("web");
        bench.Restart();
        bench.Machine.View("web").Index.ShouldBe(new LogIndex(3));
    }

    [Fact]
    public void A_forgotten_service_never_shows_an_older_view_than_before()
    {
        var bench = new RegistryBench(new() { MaxEmptyServices = 3 });
        var newest = new Dictionary<string, ServiceView>();
        var random = new Random(4);
        for (var step = 0; step < 400; step++)
        {
            var service = $"s{random.Next(12)}";
            if (bench.Instances(service).Count == 0)
            {
                bench.Register("i", service: service);
            }
            else
            {
                bench.Deregister("i", service: service);
            }
            if (random.Next(10) == 0)
            {
                bench.Restart();
            }
            for (var number = 0; number < 12; number++)
            {
                var view = bench.Machine.View($"s{number}");
                if (newest.GetValueOrDefault(view.Service) is { } before)
                {
                    view.Index.ShouldBeGreaterThanOrEqualTo(before.Index);
                    if (view.Index == before.Index)
                    {
                        view.Instances.Select(one => one.InstanceId)
                            .ShouldBe(before.Instances.Select(one => one.InstanceId));
                    }
                }
                newest[view.Service] = view;
            }
        }
        bench.Machine.ViewsAfter("", 100, 1_000).Count(view => view.Instances.Count == 0)
            .ShouldBeLessThanOrEqualTo(3);
    }

    [Fact]
    public void Changes_name_each_service_once_with_its_view_as_it_is()
    {
        var bench = new RegistryBench();
        bench.Register("a");
        bench.Register("b");
        bench.Put("k", "v");
        bench.Register("c", service: "api");
        var changes = bench.Machine.ChangesFrom(1, 3);
        (changes.Epoch, changes.From, changes.To, changes.Head, changes.IsTrimmed)
            .ShouldBe((7, 1, 3, 4, false));
        changes.Views.ShouldHaveSingleItem().Instances.Count.ShouldBe(2);
        bench.Machine.ChangesFrom(4, 3).Views.ShouldHaveSingleItem().Service.ShouldBe("api");
        var none = bench.Machine.ChangesFrom(5, 3);
        (none.From, none.To, none.Views.Count).ShouldBe((5, 4, 0));
    }

    [Fact]
    public void Changes_and_events_that_are_no_longer_kept_are_said_to_be()
    {
        var bench = new RegistryBench(new() { MaxKeptEvents = 3 });
        for (var number = 0; number < 5; number++)
        {
            bench.Put("k", "v");
        }
        bench.Machine.ChangesFrom(2, 10).IsTrimmed.ShouldBeTrue();
        bench.Machine.ChangesFrom(3, 10).IsTrimmed.ShouldBeFalse();
        var trimmed = bench.Machine.ReadEvents(new() { FromNumber = 2 }).RegistryEventsRead!;
        (trimmed.IsTrimmed, trimmed.Events.Count, trimmed.Head).ShouldBe((true, 0, 5));
        var read = bench.Machine.ReadEvents(new() { FromNumber = 4 }).RegistryEventsRead!;
        read.Events.Select(one => one.ConfigChanged!.Event.Number).ShouldBe([4, 5]);
        bench.Machine.ReadEvents(new() { FromNumber = 6 }).RegistryEventsRead!.Events.ShouldBeEmpty();
        bench.Machine.ReadEvents(new() { FromNumber = 0 }).RegistryRefused!.Reason
            .ShouldBe(RegistryRefusal.QueryInvalid);
    }

    [Fact]
    public void Kept_events_are_bounded_by_bytes_as_well()
    {
        var bench = new RegistryBench(new() { MaxKeptEventBytes = 1_000 });
        for (var number = 0; number < 10; number++)
        {
            bench.Put("k", new string('v', 200));
        }
        bench.Machine.ChangesFrom(8, 10).IsTrimmed.ShouldBeFalse();
        bench.Machine.ChangesFrom(4, 10).IsTrimmed.ShouldBeTrue();
        bench.Put("k", new string('v', 5_000));
        bench.Machine.ChangesFrom(11, 10).IsTrimmed.ShouldBeFalse();
        bench.Machine.ChangesFrom(10, 10).IsTrimmed.ShouldBeTrue();
    }

    [Fact]
    public void Services_are_listed_with_their_counts_in_pages()
    {
        var bench = new RegistryBench();
        bench.Register("a");
        bench.Register("b");
        bench.Drain("b");
        bench.Register("a", service: "api");
        var all = bench.Machine.List(new ListServices()).ServicesListed!;
        all.Services.ShouldBe([
            new() { Service = "api", Instances = 1, Draining = 0, Index = new LogIndex(5) },
            new() { Service = "web", Instances = 2, Draining = 1, Index = new LogIndex(4) },
        ]);
        (all.EventsHead, all.IsTruncated).ShouldBe((4, false));
        var page = bench.Machine.List(new ListServices { Limit = 1 }).ServicesListed!;
        (page.Services.Count, page.IsTruncated).ShouldBe((1, true));
        bench.Machine.List(new ListServices { After = "api", Prefix = "w" }).ServicesListed!
            .Services.Count.ShouldBe(1);
    }

    [Fact]
    public void A_page_of_views_ends_at_the_instances_shown()
    {
        var bench = new RegistryBench();
        foreach (var service in new[] { "a", "b", "c" })
        {
            bench.Register("1", service: service);
            bench.Register("2", service: service);
        }
        bench.Machine.ViewsAfter("", 10, 3).Select(view => view.Service).ShouldBe(["a", "b"]);
        bench.Machine.ViewsAfter("b", 10, 3).Select(view => view.Service).ShouldBe(["c"]);
        bench.Machine.ViewsAfter("", 1, 3).Count.ShouldBe(1);
    }
}
