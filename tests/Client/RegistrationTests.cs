using Muster.Contracts.Registry;

namespace Muster.Client.Tests;

public class RegistrationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_instance_is_registered_with_its_values_under_the_clients_node()
    {
        await using var test = new ClientUnderTest();

        await using var registration = await test.Services.RegisterAsync(
            new ServiceRegistration
            {
                Service = "orders",
                Scheme = "https",
                Host = "h",
                Port = 443,
                Zone = "z",
                Weight = 7,
                Tags = ["t"],
                Metadata = new Dictionary<string, string> { ["k"] = "v" },
                Ttl = TimeSpan.FromSeconds(6),
            },
            Cancellation).Soon();

        var sent = test.Registry.Registers.Single();
        (sent.Service, sent.Scheme, sent.Host, sent.Port).ShouldBe(("orders", "https", "h", 443));
        (sent.Zone, sent.Weight, sent.TtlMilliseconds, sent.Node).ShouldBe(("z", 7, 6_000, "n1"));
        sent.Tags.ShouldBe(["t"]);
        sent.Metadata["k"].ShouldBe("v");
        sent.LeaseId.ShouldNotBeEmpty();
        registration.InstanceId.ShouldBe(sent.InstanceId);
        registration.InstanceId.ShouldMatch("^n1-[0-9a-f]{8}$");
        registration.IsRegistered.ShouldBeTrue();
    }

    [Fact]
    public async Task The_lease_is_renewed_every_third_of_its_ttl_without_any_session()
    {
        await using var test = new ClientUnderTest();
        await using var registration = await test.RegisterAsync("a", ttl: 6);

        test.Pass(60.1);

        test.Service.Heartbeats.Count.ShouldBe(30);
        test.Service.Heartbeats.ShouldAllBe(
            heartbeat => heartbeat.Sessions.Count == 0
                && heartbeat.Leases.Single() == test.Registry.Registers.Single().LeaseId);
        registration.IsRegistered.ShouldBeTrue();
    }

    [Fact]
    public async Task What_the_registry_does_not_know_any_more_is_registered_again()
    {
        await using var test = new ClientUnderTest();
        await using var registration = await test.RegisterAsync("a", ttl: 6);
        await registration.DrainAsync(cancellationToken: Cancellation).Soon();
        test.Registry.Expire();

        test.Pass(2.01);

        test.Registry.Registers.Count().ShouldBe(2);
        test.Registry.Has("a", registration.InstanceId).ShouldBeTrue();
        test.Registry.IsDraining("a", registration.InstanceId).ShouldBeTrue();
        registration.IsRegistered.ShouldBeTrue();
    }

    [Fact]
    public async Task A_draining_that_was_not_answered_after_it_was_registered_again_is_told_until_it_is()
    {
        await using var test = new ClientUnderTest();
        await using var registration = await test.RegisterAsync("a", ttl: 60);
        await registration.DrainAsync(cancellationToken: Cancellation).Soon();
        test.Registry.Expire();
        test.Registry.Override = command => command.DrainInstance is { } drain
            ? new() { RegistryUnknown = new() { CommandId = drain.CommandId } }
            : null;
        test.Pass(20.1);
        test.Registry.Has("a", registration.InstanceId).ShouldBeTrue();
        test.Pass(15);
        test.Registry.IsDraining("a", registration.InstanceId).ShouldBeFalse();

        test.Registry.Override = _ => null;
        test.Pass(60);

        test.Registry.IsDraining("a", registration.InstanceId).ShouldBeTrue();
    }

    [Fact]
    public async Task After_a_long_outage_it_is_registered_again()
    {
        await using var test = new ClientUnderTest();
        await using var registration = await test.RegisterAsync("a", ttl: 6);
        test.Link.GoDown();
        test.Pass(5.8);
        registration.IsRegistered.ShouldBeTrue();
        test.Pass(60);
        registration.IsRegistered.ShouldBeFalse();
        test.Registry.Expire();

        test.Link.GoUp();

        test.Registry.Has("a", registration.InstanceId).ShouldBeTrue();
        registration.IsRegistered.ShouldBeTrue();
    }

    [Fact]
    public async Task A_change_during_a_long_outage_ends_unknown_whatever_is_tried_in_the_background()
    {
        await using var test = new ClientUnderTest();
        await using var registration = await test.RegisterAsync("a", ttl: 6);
        test.Link.GoDown();
        test.Pass(17); // missing for 11 s; the first try to register it again is given up

        var changing = registration.UpdateAsync(
            new ServiceRegistration { Service = "a", Host = "other" }, Cancellation);
        test.Pass(10.01);

        await Should.ThrowAsync<MusterUnknownException>(() => changing.Soon());
        test.Link.GoUp();
        registration.IsRegistered.ShouldBeTrue();
    }

    [Fact]
    public async Task A_suspended_machine_does_not_count_itself_registered()
    {
        await using var test = new ClientUnderTest();
        await using var registration = await test.RegisterAsync("a");

        test.Time.MoveWallClock(TimeSpan.FromSeconds(20));

        registration.IsRegistered.ShouldBeFalse();
    }

    [Fact]
    public async Task A_refused_re_registration_is_tried_again()
    {
        await using var test = new ClientUnderTest();
        await using var registration = await test.RegisterAsync("a", ttl: 6);
        test.Registry.Expire();
        test.Registry.Override = command => command.RegisterInstance is { } register
            ? RegistryDouble.Refused(register.CommandId, RegistryRefusal.LimitReached)
            : null;
        test.Pass(2.5);
        registration.IsRegistered.ShouldBeFalse();

        test.Registry.Override = _ => null;
        test.Pass(2);

        registration.IsRegistered.ShouldBeTrue();
    }

    [Fact]
    public async Task A_change_is_registered_under_the_same_lease_and_survives_a_re_registration()
    {
        await using var test = new ClientUnderTest();
        await using var registration = await test.RegisterAsync("a", ttl: 6);
        var changed = new ServiceRegistration
        {
            Service = "a",
            Host = "other",
            Ttl = TimeSpan.FromSeconds(6),
        };

        await registration.UpdateAsync(changed, Cancellation).Soon();
        test.Registry.Expire();
        test.Pass(2.1);

        test.Registry.Registers.Select(register => register.Host).ShouldBe(["h", "other", "other"]);
        test.Registry.Registers.Select(register => register.LeaseId).Distinct().Count().ShouldBe(1);
        Should.Throw<ArgumentException>(() =>
            registration.UpdateAsync(changed with { Service = "b" }, Cancellation).Soon());
    }

    [Fact]
    public async Task Draining_is_told_and_taken_back()
    {
        await using var test = new ClientUnderTest();
        await using var registration = await test.RegisterAsync("a");

        await registration.DrainAsync(true, Cancellation).Soon();
        test.Registry.IsDraining("a", registration.InstanceId).ShouldBeTrue();
        await registration.DrainAsync(false, Cancellation).Soon();

        test.Registry.IsDraining("a", registration.InstanceId).ShouldBeFalse();
    }

    [Fact]
    public async Task An_operators_draining_survives_a_change_and_the_owners_word_ends_it()
    {
        await using var test = new ClientUnderTest();
        await using var registration = await test.RegisterAsync("a");
        test.Registry.DrainByOperator("a", registration.InstanceId);

        await registration.UpdateAsync(
            new ServiceRegistration { Service = "a", Host = "other" }, Cancellation).Soon();
        test.Pass(1);

        test.Registry.IsDraining("a", registration.InstanceId).ShouldBeTrue();
        await registration.DrainAsync(false, Cancellation).Soon();
        test.Registry.IsDraining("a", registration.InstanceId).ShouldBeFalse();
    }

    [Fact]
    public async Task An_answer_that_comes_after_the_lease_ran_out_is_followed_by_another_registration()
    {
        await using var test = new ClientUnderTest();
        var asked = 0;
        test.Registry.Override = command => command.RegisterInstance is { } register && ++asked == 1
            ? new RegistryReply
            {
                InstanceAccepted = new InstanceAccepted { CommandId = register.CommandId, Instance = null },
            }
            : null;

        await using var registration = await test.RegisterAsync("a").Soon();

        registration.IsRegistered.ShouldBeTrue();
        test.Registry.Registers.Select(register => register.CommandId).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task A_draining_that_is_told_after_the_lease_ran_out_says_so_and_holds_for_the_next()
    {
        await using var test = new ClientUnderTest();
        await using var registration = await test.RegisterAsync("a");
        test.Registry.Override = command =>
        {
            test.Registry.Override = _ => null;
            test.Registry.Expire();
            return new RegistryReply
            {
                InstanceAccepted = new InstanceAccepted { CommandId = command.DrainInstance!.CommandId },
            };
        };

        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => registration.DrainAsync(true, Cancellation).Soon());

        refused.Reason.ShouldBe(RegistryRefusal.NotRegistered);
        test.Registry.IsDraining("a", registration.InstanceId).ShouldBeTrue();
        registration.IsRegistered.ShouldBeTrue();
    }

    [Fact]
    public async Task A_long_lease_is_renewed_every_10_seconds()
    {
        await using var test = new ClientUnderTest();
        await using var registration = await test.RegisterAsync("a", ttl: 86_400);
        test.Registry.Expire();

        test.Pass(9.9);
        test.Service.Heartbeats.ShouldBeEmpty();
        test.Pass(0.2);

        test.Registry.Has("a", registration.InstanceId).ShouldBeTrue();
    }

    [Fact]
    public async Task A_cancellation_after_the_answer_takes_nothing_back()
    {
        await using var test = new ClientUnderTest();
        using var cancellation = new CancellationTokenSource();
        test.Links.OnPublish += (_, published) =>
        {
            if (published.Message is RegistryCommandBatch { Commands: [{ RegisterInstance: not null }] })
            {
                cancellation.Cancel(); // the double has answered, in this thread
            }
        };

        await using var registration = await test.Services.RegisterAsync(
            new ServiceRegistration { Service = "a", Host = "h" }, cancellation.Token).Soon();
        test.Pass(1);

        registration.IsRegistered.ShouldBeTrue();
        test.Registry.Has("a", registration.InstanceId).ShouldBeTrue();
    }

    [Fact]
    public async Task An_unanswered_registration_is_unknown_and_taken_back()
    {
        await using var test = new ClientUnderTest();
        test.Registry.IsDeaf = true;
        var registering = test.RegisterAsync("a");
        test.Pass(10);

        var unknown = await Should.ThrowAsync<MusterUnknownException>(() => registering.Soon());
        test.Registry.Registers.Select(register => register.CommandId).Distinct()
            .ShouldBe([unknown.CommandId]);
        test.Registry.IsDeaf = false;
        test.Pass(1);

        test.Registry.Received[^1].DeregisterInstance!.LeaseId.ShouldBe(
            test.Registry.Registers.First().LeaseId);
        test.Pass(60);
        test.Service.Heartbeats.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refused_registration_says_why_and_leaves_nothing_behind()
    {
        await using var test = new ClientUnderTest();
        test.Registry.Override = command =>
            RegistryDouble.Refused(command.RegisterInstance!.CommandId, RegistryRefusal.InstanceInvalid);

        var refused = await Should.ThrowAsync<MusterRefusedException>(() => test.RegisterAsync("a").Soon());

        refused.Reason.ShouldBe(RegistryRefusal.InstanceInvalid);
        test.Pass(60);
        test.Registry.Received.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_cancelled_registration_is_taken_back()
    {
        await using var test = new ClientUnderTest();
        test.Registry.IsDeaf = true;
        using var cancellation = new CancellationTokenSource();
        var registering = test.Services.RegisterAsync(
            new ServiceRegistration { Service = "a", Host = "h" }, cancellation.Token);

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => registering.Soon());
        test.Registry.Received[^1].DeregisterInstance.ShouldNotBeNull();
    }

    [Fact]
    public async Task More_instances_than_a_heartbeat_may_name_are_refused_here()
    {
        await using var test = new ClientUnderTest();
        for (var i = 0; i < 1_000; i++)
        {
            await test.RegisterAsync("a").Soon();
        }

        var refused = await Should.ThrowAsync<MusterRefusedException>(() => test.RegisterAsync("a").Soon());

        refused.Reason.ShouldBe(RegistryRefusal.LimitReached);
        test.Pass(5.1);
        test.Service.Heartbeats.Single().Leases.Count.ShouldBe(1_000);
    }

    [Fact]
    public async Task Metadata_and_tags_above_their_limits_are_refused_at_once_and_never_sent()
    {
        await using var test = new ClientUnderTest();
        var good = new ServiceRegistration { Service = "web", Host = "h" };
        var large = new Dictionary<string, string> { ["k"] = new('v', 8 * 1024) };
        ServiceRegistration[] bad =
        [
            good with { Metadata = large }, good with { Tags = [new string('t', 129)] },
            good with { Tags = [.. Enumerable.Range(0, 65).Select(tag => $"t{tag}")] },
        ];

        foreach (var one in bad)
        {
            await Should.ThrowAsync<ArgumentException>(() => test.Services.RegisterAsync(
                one, TestContext.Current.CancellationToken).Soon());
        }

        test.Registry.Received.ShouldBeEmpty();
        await using var registration = await test.Services.RegisterAsync(
            good, TestContext.Current.CancellationToken).Soon();
        await Should.ThrowAsync<ArgumentException>(
            () => registration.UpdateAsync(bad[0], TestContext.Current.CancellationToken).Soon());
        test.Registry.Registers.Count().ShouldBe(1);
    }
}
