using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Registry;
using Muster.Registry.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Registry;

public sealed class InstanceTests
{
    private readonly RegistryBench _bench = new();

    [Fact]
    public void A_registration_that_comes_after_it_was_taken_back_registers_nothing()
    {
        _bench.Deregister("a", lease: "l1").RegistryRefused!.Reason.ShouldBe(RegistryRefusal.NotRegistered);
        _bench.Restart();

        _bench.Register("a", lease: "l1").RegistryRefused!.Reason.ShouldBe(RegistryRefusal.NotRegistered);

        _bench.Instances().ShouldBeEmpty();
        _bench.Register("a", lease: "l2").InstanceAccepted.ShouldNotBeNull();
        _bench.Deregister("a", lease: "l3").RegistryRefused.ShouldNotBeNull();
        _bench.Instances().ShouldBe(["a"]);
    }

    /// <summary>The machine remembers leases that were given up where it remembers commands.</summary>
    [Fact]
    public void No_command_id_is_taken_for_a_lease_that_was_given_up()
    {
        _bench.Put("key", "value", id: "given-up/web/a/l1").RegistryRefused.ShouldBeNull();
        _bench.Register("a", lease: "l1").InstanceAccepted.ShouldNotBeNull();

        _bench.Deregister("b", lease: "l2", id: "given-up/web/b/l2").RegistryRefused!.Reason
            .ShouldBe(RegistryRefusal.NotRegistered);

        _bench.Deregister("a", lease: "l1").InstanceAccepted.ShouldNotBeNull();
        _bench.Register("a", lease: "l1").RegistryRefused.ShouldNotBeNull("it was given up");
    }

    [Fact]
    public void An_older_change_of_a_lease_is_not_made_after_a_newer_one()
    {
        Change("h1", 1).Host.ShouldBe("h1");
        Change("h3", 3).Host.ShouldBe("h3");
        Drain(true, 5).IsDraining.ShouldBeTrue();
        _bench.Restart();

        Change("h2", 2).Host.ShouldBe("h3");
        Drain(false, 4).IsDraining.ShouldBeTrue();
        var before = _bench.Machine.View("web").Index;
        Change("h2", 2).Host.ShouldBe("h3");
        _bench.Machine.View("web").Index.ShouldBe(before);

        Change("h6", 6).Host.ShouldBe("h6");
        Drain(true, 4).IsDraining.ShouldBeTrue();
        Drain(false, 7).IsDraining.ShouldBeFalse();
        Change("h0", 0).Host.ShouldBe("h0", "who does not count is taken as he comes");
        // Another lease is another count.
        Change("h1", 1, lease: "l2").Host.ShouldBe("h1");
        Drain(true, 1, lease: "l2").IsDraining.ShouldBeTrue();

        ServiceInstance Change(string host, long number, string lease = "l1") => Done(new()
        {
            RegisterInstance = new()
            {
                CommandId = Guid.NewGuid().ToString("N"),
                Service = "web",
                InstanceId = "a",
                LeaseId = lease,
                Host = host,
                Change = number,
            },
        });
        ServiceInstance Drain(bool isDraining, long number, string lease = "l1") => Done(new()
        {
            DrainInstance = new()
            {
                CommandId = Guid.NewGuid().ToString("N"),
                Service = "web",
                InstanceId = "a",
                LeaseId = lease,
                IsDraining = isDraining,
                Change = number,
            },
        });
        ServiceInstance Done(RegistryEntryCommand command) =>
            _bench.Do(command).InstanceAccepted.ShouldNotBeNull().Instance.ShouldNotBeNull();
    }

    [Fact]
    public void A_registered_instance_is_in_the_view_and_told_as_an_event()
    {
        var reply = _bench.Register("a", tags: ["z", "b", "z"]);
        var accepted = reply.InstanceAccepted.ShouldNotBeNull();
        accepted.Instance!.Tags.ShouldBe(["b", "z"]);
        accepted.Instance.ChangedAt.ShouldBe(new LogIndex(2));
        accepted.Freshness.ShouldBe(
            new() { ClusterId = "test", Epoch = 7, Index = new LogIndex(2) });
        var view = _bench.Machine.View("web");
        (view.Epoch, view.Index).ShouldBe((7, new LogIndex(2)));
        view.Instances.ShouldHaveSingleItem().ShouldBe(accepted.Instance);
        var told = _bench.Events.ShouldHaveSingleItem().InstanceRegistered.ShouldNotBeNull();
        told.Event.ShouldBe(
            new() { Group = "registry", Epoch = 7, Index = new LogIndex(2), Ordinal = 0, Number = 1 });
    }

    [Fact]
    public void An_identical_registration_renews_and_changes_nothing()
    {
        _bench.Register("a", ttl: 4_000);
        _bench.Pass(3_000).ShouldBeEmpty();
        var again = _bench.Register("a", ttl: 4_000);
        again.InstanceAccepted!.Instance!.ChangedAt.ShouldBe(new LogIndex(2));
        _bench.Events.ShouldBeEmpty();
        _bench.Machine.View("web").Index.ShouldBe(new LogIndex(2));
        _bench.Pass(3_999).ShouldBeEmpty();
        _bench.Pass(1).ShouldHaveSingleItem().InstanceRemoved!.Cause.ShouldBe("LeaseExpired");
    }

    [Fact]
    public void A_changed_registration_is_told_and_moves_the_view_on()
    {
        _bench.Register("a");
        _bench.Register("a", host: "other");
        var changed = _bench.Events.ShouldHaveSingleItem().InstanceChanged.ShouldNotBeNull();
        (changed.Instance.Host, changed.Instance.ChangedAt).ShouldBe(("other", new LogIndex(3)));
        _bench.Machine.View("web").Index.ShouldBe(new LogIndex(3));
    }

    [Fact]
    public void A_lease_that_a_heartbeat_names_again_and_again_is_answered_once()
    {
        _bench.Register("a");
        _bench.Beat(["none", .. Enumerable.Repeat("lease-a", 1_000), "last"])
            .Select(renewal => (renewal.LeaseId, renewal.Status)).ShouldBe([
                ("none", RenewalStatus.Unknown), ("lease-a", RenewalStatus.Renewed),
                ("last", RenewalStatus.Unknown),
            ]);
    }

    [Fact]
    public void An_instance_expires_one_ttl_after_its_last_renewal()
    {
        _bench.Register("a", ttl: 3_000);
        _bench.Register("b", ttl: 3_000);
        _bench.Pass(2_000);
        _bench.Beat("lease-a", "lease-none").ShouldBe([
            new() { LeaseId = "lease-a", Status = RenewalStatus.Renewed },
            new() { LeaseId = "lease-none", Status = RenewalStatus.Unknown },
        ]);
        _bench.Machine.NextDeadline.ShouldBe(_bench.Machine.Time + 1_000);
        var gone = _bench.Pass(1_000).ShouldHaveSingleItem().InstanceRemoved.ShouldNotBeNull();
        (gone.InstanceId, gone.Cause).ShouldBe(("b", "LeaseExpired"));
        _bench.Instances().ShouldBe(["a"]);
        _bench.Pass(1_999).ShouldBeEmpty();
        _bench.Pass(1).Count.ShouldBe(1);
        _bench.Machine.NextDeadline.ShouldBeNull();
    }

    [Fact]
    public void A_long_gap_counts_two_seconds_and_expires_nobody()
    {
        _bench.Register("a", ttl: 2_001);
        _bench.Apply(3_600_000, null);
        _bench.Instances().ShouldBe(["a"]);
        _bench.Apply(1, null);
        _bench.Instances().ShouldBeEmpty();
    }

    [Fact]
    public void Another_lease_takes_over_and_the_old_one_renews_and_removes_nothing()
    {
        _bench.Register("a", lease: "old", ttl: 5_000);
        _bench.Register("a", lease: "new", ttl: 5_000);
        _bench.Events.ShouldBeEmpty();
        _bench.Beat("old").ShouldHaveSingleItem().Status.ShouldBe(RenewalStatus.Unknown);
        _bench.Deregister("a", lease: "old").RegistryRefused!.Reason
            .ShouldBe(RegistryRefusal.NotRegistered);
        _bench.Drain("a", lease: "old").RegistryRefused!.Reason.ShouldBe(RegistryRefusal.NotRegistered);
        _bench.Pass(4_000);
        _bench.Beat("new").ShouldHaveSingleItem().Status.ShouldBe(RenewalStatus.Renewed);
        _bench.Pass(4_999).ShouldBeEmpty();
        _bench.Deregister("a", lease: "new").InstanceAccepted!.Instance.ShouldBeNull();
        _bench.Events.ShouldHaveSingleItem().InstanceRemoved!.Cause.ShouldBe("Deregistered");
    }

    [Fact]
    public void Who_registers_only_if_absent_takes_over_nothing_that_is_there()
    {
        _bench.Register("a", lease: "mine", ttl: 3_000, onlyIfAbsent: true)
            .InstanceAccepted.ShouldNotBeNull();
        _bench.Register("a", lease: "mine", ttl: 3_000, host: "x", onlyIfAbsent: true)
            .InstanceAccepted!.Instance!.Host.ShouldBe("x");
        _bench.Restart();

        var refused = _bench.Register("a", lease: "other", host: "other", id: "late", onlyIfAbsent: true);

        refused.RegistryRefused.ShouldNotBeNull().Reason.ShouldBe(RegistryRefusal.InstanceTaken);
        _bench.Events.ShouldBeEmpty();
        _bench.Machine.View("web").Instances.ShouldHaveSingleItem().Host.ShouldBe("x");
        _bench.Beat("mine", "other").Select(renewal => renewal.Status)
            .ShouldBe([RenewalStatus.Renewed, RenewalStatus.Unknown]);
        _bench.Pass(3_000).ShouldHaveSingleItem();
        _bench.Register("a", lease: "other", id: "late", onlyIfAbsent: true) // a repeat: as it was answered
            .RegistryRefused!.Reason.ShouldBe(RegistryRefusal.InstanceTaken);
        _bench.Register("a", lease: "other", onlyIfAbsent: true).InstanceAccepted.ShouldNotBeNull();
        _bench.Register("a", lease: "mine").InstanceAccepted.ShouldNotBeNull();
    }

    [Fact]
    public void An_operator_removes_whatever_the_lease_and_an_absent_one_is_refused()
    {
        _bench.Register("a", lease: "l");
        _bench.Deregister("a").InstanceAccepted.ShouldNotBeNull();
        _bench.Deregister("a").RegistryRefused!.Reason.ShouldBe(RegistryRefusal.NotRegistered);
    }

    [Fact]
    public void Draining_holds_over_registrations_of_the_same_lease_and_ends_with_it()
    {
        _bench.Register("a", lease: "l");
        _bench.Drain("a").InstanceAccepted!.Instance!.IsDraining.ShouldBeTrue();
        _bench.Events.ShouldHaveSingleItem().InstanceChanged!.Instance.IsDraining.ShouldBeTrue();
        _bench.Drain("a");
        _bench.Events.ShouldBeEmpty();
        _bench.Register("a", lease: "l", host: "x").InstanceAccepted!.Instance!.IsDraining.ShouldBeTrue();
        _bench.Register("a", lease: "m", host: "x").InstanceAccepted!.Instance!.IsDraining.ShouldBeFalse();
        _bench.Events.Count.ShouldBe(1);
        _bench.Drain("a", isDraining: false).InstanceAccepted.ShouldNotBeNull();
        _bench.Events.ShouldBeEmpty();
    }

    [Fact]
    public void One_lease_may_carry_several_instances()
    {
        _bench.Register("a", lease: "l", ttl: 2_000);
        _bench.Register("b", lease: "l", service: "api", ttl: 2_000);
        _bench.Pass(1_000);
        _bench.Beat("l").Count.ShouldBe(1);
        _bench.Pass(1_999).ShouldBeEmpty();
        _bench.Pass(1).Select(one => one.InstanceRemoved!.Service).ShouldBe(["api", "web"]);
    }

    [Fact]
    public void A_repeat_is_done_once_and_shows_the_instance_as_it_is()
    {
        var first = _bench.Register("a", id: "same");
        _bench.Deregister("a", id: "bye");
        var repeat = _bench.Register("a", id: "same");
        _bench.Events.ShouldBeEmpty();
        repeat.InstanceAccepted!.Instance.ShouldBeNull();
        (repeat.InstanceAccepted with { Instance = first.InstanceAccepted!.Instance })
            .ShouldBe(first.InstanceAccepted);
        _bench.Register("a");
        _bench.Deregister("a", id: "bye").InstanceAccepted!.Instance.ShouldBeNull();
        _bench.Instances().ShouldBe(["a"]);
    }

    [Fact]
    public void A_proposal_that_is_older_than_the_window_is_unknown_and_changes_nothing()
    {
        var bench = new RegistryBench(window: 10_000);
        bench.Register("a", id: "x");
        bench.Pass(10_000);
        var register = new RegisterInstance
        {
            CommandId = "x",
            Service = "web",
            InstanceId = "b",
            LeaseId = "l",
            Host = "h",
        };
        var digest = bench.Machine.Digest();
        var late = bench.Apply(0, 0, new Muster.Registry.Machine.RegistryEntryCommand
        {
            RegisterInstance = register,
        });
        late.OfType<Muster.Registry.Machine.RegistryEffect.Answer>().Single()
            .Reply.RegistryUnknown.ShouldNotBeNull();
        bench.Instances().ShouldBe(["a"]);
        bench.Machine.Digest().ShouldNotBe(digest); // the index moved on
    }
}
