using System.Collections.Concurrent;
using MassTransit;
using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Recovery;
using Muster.Contracts.Registry;
using Muster.Views;
using Shouldly;
using Xunit;

namespace Muster.Registry.Tests;

/// <summary>The registry over the bus: two replicas, one log, views in a cache.</summary>
public sealed class ServiceTests : IAsyncLifetime
{
    private RegistryHost _host = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await RegistryHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task An_instance_is_registered_resolved_renewed_and_removed()
    {
        var accepted = (await RegisterAsync("a")).InstanceAccepted.ShouldNotBeNull();
        var resolved = (await ResolveAsync(ReadMode.Linearizable)).ServiceResolved.ShouldNotBeNull();
        resolved.View.Instances.ShouldHaveSingleItem().InstanceId.ShouldBe("a");
        (resolved.View.Epoch, resolved.View.Index)
            .ShouldBe((accepted.Freshness.Epoch, accepted.Instance!.ChangedAt));
        resolved.View.Epoch.ShouldBeGreaterThan(1_000_000_000_000); // milliseconds of the founding
        resolved.Freshness.Mode.ShouldBe(ReadMode.Linearizable);

        await RegistryHost.UntilAsync(() => _host.Beat(Beat("lease-a", "none")), "the link is down");
        (await _host.HeardAsync<HeartbeatAnswered>()).Leases.Select(lease => lease.Status)
            .ShouldBe([RenewalStatus.Renewed, RenewalStatus.Unknown]);

        var id = _host.NextId();
        var removed = await _host.AskAsync(id, new()
        {
            DeregisterInstance = new() { CommandId = id, Service = "web", InstanceId = "a" },
        });
        removed.InstanceAccepted!.Instance.ShouldBeNull();
        (await ResolveAsync(ReadMode.Linearizable)).ServiceResolved!.View.Instances.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cached_answer_says_how_old_it_may_be()
    {
        await RegisterAsync("a");
        RegistryReply reply = new();
        await RegistryHost.UntilAsync(
            async () =>
            {
                reply = await ResolveAsync(ReadMode.Cached);
                return reply.ServiceResolved is { Freshness.Mode: ReadMode.Cached, View.Instances.Count: 1 };
            },
            "no cached answer with the instance");
        reply.ServiceResolved!.Freshness.AgeMilliseconds.ShouldBeInRange(0, 60_000);
    }

    [Fact]
    public async Task Single_messages_at_the_endpoint_are_answered_like_batches()
    {
        await RegisterAsync("a");
        var put = await _host.Endpoints.Request<PutConfig, ConfigWritten>(
            new PutConfig { Key = "k", Value = "v", ExpectedVersion = 0 }, Stop);
        var read = await _host.Endpoints.Request<GetConfig, ConfigRead>(new GetConfig { Key = "k" }, Stop);
        read.Message.Entry!.Version.ShouldBe(put.Message.Version);
        var events = await _host.Endpoints.Request<ReadRegistryEvents, RegistryEventsRead>(
            new ReadRegistryEvents(), Stop);
        events.Message.Events.Count.ShouldBe(2);
        var refused = await _host.Endpoints.Request<ListServices, RegistryRefused>(
            new ListServices { Limit = 0 }, Stop);
        refused.Message.Reason.ShouldBe(RegistryRefusal.QueryInvalid);
    }

    [Fact]
    public async Task Who_registers_only_if_absent_takes_nothing_over()
    {
        await RegisterAsync("a");
        var other = new RegisterInstance
        {
            Service = "web",
            InstanceId = "a",
            LeaseId = "other",
            Host = "h",
            OnlyIfAbsent = true,
        };

        var refused = await _host.Endpoints.Request<RegisterInstance, RegistryRefused>(other, Stop);

        refused.Message.Reason.ShouldBe(RegistryRefusal.InstanceTaken);
        await _host.Endpoints.Request<RegisterInstance, InstanceAccepted>(
            other with { OnlyIfAbsent = false }, Stop);
    }

    [Fact]
    public async Task A_command_that_breaks_a_rule_is_refused()
    {
        var id = _host.NextId();
        var reply = await _host.AskAsync(id, new() { PutConfig = new() { CommandId = id, Key = "" } });
        reply.RegistryRefused!.Reason.ShouldBe(RegistryRefusal.ConfigInvalid);
    }

    [Fact]
    public async Task Views_are_written_announced_in_order_and_kept_young()
    {
        var (told, gaps) = (new ConcurrentQueue<ViewAnnouncement>(), 0);
        using var subscription = _host.Views.Subscribe(told.Enqueue, () => gaps++);
        await RegisterAsync("a");
        await RegisterAsync("b");
        await ViewAsync(view => view.View.Instances.Count == 2);
        var id = _host.NextId();
        await _host.AskAsync(id, new()
        {
            DrainInstance = new() { CommandId = id, Service = "web", InstanceId = "a" },
        });
        var drained = await ViewAsync(view => view.View.Instances is [{ IsDraining: true }, _]);
        await RegistryHost.UntilAsync(
            () => told.Any(one => one.ToNumber == 3), "the last event is not announced");
        // Confirmed again and again: it never grows as old as it would without.
        var seen = TimeProvider.System.GetTimestamp();
        await RegistryHost.UntilAsync(
            async () =>
            {
                var age = (await _host.Views.ReadAsync("web", Stop))!.Age;
                return TimeProvider.System.GetElapsedTime(seen) > TimeSpan.FromSeconds(1)
                    && age < TimeSpan.FromSeconds(1);
            },
            "the view is not confirmed");
        gaps.ShouldBeInRange(1, 2); // the first announcement's, and perhaps that of the other replica's start
        told.ShouldAllBe(one => one.Epoch == drained.View.Epoch && one.AgeMilliseconds < 10_000);
    }

    [Fact]
    public async Task A_restored_backup_replaces_views_and_starts_a_new_epoch()
    {
        await RegisterAsync("a");
        var before = await ViewAsync(view => view.View.Instances.Count == 1);
        var backup = await _host.AskQueueAsync<GroupStateRead>(
            "muster-state-registry", new ReadGroupState { CommandId = "read", Group = "registry" });
        (backup.Summary.Machine, backup.Summary.Group).ShouldBe(("registry", "registry"));
        await RegisterAsync("b");
        await RegisterAsync("c", service: "late");
        await ViewAsync(view => view.View.Instances.Count == 2);

        var restore = new RestoreGroupState
        {
            CommandId = "restore-1",
            Summary = backup.Summary,
            State = backup.State,
        };
        var damaged = restore with { CommandId = "bad", State = [.. backup.State[..^1], (byte)'!'] };
        (await _host.AskQueueAsync<GroupStateRefused>("muster-state-registry", damaged))
            .IsUnknown.ShouldBeFalse();
        var done = await _host.AskQueueAsync<GroupStateRestored>("muster-state-registry", restore);
        done.Epoch.ShouldBeGreaterThan(before.View.Epoch);

        var after = await ViewAsync(view => view.View.Epoch == done.Epoch);
        after.View.Instances.ShouldHaveSingleItem().InstanceId.ShouldBe("a");
        await RegistryHost.UntilAsync(
            async () => await _host.Views.ReadAsync("late", Stop) is { View.Instances.Count: 0 },
            "a service that the backup does not know keeps its view");
        (await _host.AskQueueAsync<GroupStateRestored>("muster-state-registry", restore)).ShouldBe(done);
    }

    private Task<RegistryReply> RegisterAsync(string instance, string service = "web")
    {
        var id = _host.NextId();
        return _host.AskAsync(id, new()
        {
            RegisterInstance = new()
            {
                CommandId = id,
                Service = service,
                InstanceId = instance,
                LeaseId = "lease-" + instance,
                Host = "h",
                TtlMilliseconds = 600_000,
            },
        });
    }

    private Task<RegistryReply> ResolveAsync(ReadMode mode)
    {
        var id = _host.NextId();
        return _host.AskAsync(id, new()
        {
            ResolveService = new() { CommandId = id, Service = "web", Mode = mode },
        });
    }

    private async Task<StoredView> ViewAsync(Func<StoredView, bool> isWanted)
    {
        StoredView? found = null;
        await RegistryHost.UntilAsync(
            async () =>
            {
                found = await _host.Views.ReadAsync("web", Stop);
                return found is not null && isWanted(found);
            },
            "the view does not come");
        return found!;
    }

    private static Heartbeat Beat(params string[] leases) =>
        new() { Node = "n", Incarnation = "i", Number = 1, Leases = leases };
}
