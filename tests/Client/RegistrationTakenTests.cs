using Muster.Contracts.Registry;

namespace Muster.Client.Tests;

/// <summary>Two processes of one instance id: the later one that was asked to register has it.</summary>
public class RegistrationTakenTests
{
    private static readonly ServiceRegistration Other = new() { Service = "a", Host = "other" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_another_process_registered_is_lost_and_never_taken_back_by_itself()
    {
        await using var test = new ClientUnderTest();
        await using var registration = await test.RegisterAsync("a", ttl: 6);
        test.Registry.TakeOver("a", registration.InstanceId);
        registration.Lost.IsCancellationRequested.ShouldBeFalse();

        test.Pass(2.01);

        registration.Lost.IsCancellationRequested.ShouldBeTrue();
        await registration.Lost.FiresAsync();
        registration.IsRegistered.ShouldBeFalse();
        test.Link.GoDown();
        test.Link.GoUp();
        test.Pass(60);
        test.Registry.Registers.Select(register => register.OnlyIfAbsent).ShouldBe([false, true]);
        test.Service.Heartbeats.Count.ShouldBe(1);
        test.Registry.LeaseOf("a", registration.InstanceId).ShouldBe("another's");
    }

    [Fact]
    public async Task A_lost_registration_changes_and_removes_nothing_of_the_other_process()
    {
        await using var test = new ClientUnderTest();
        var registration = await test.RegisterAsync("a", ttl: 6);
        test.Registry.TakeOver("a", registration.InstanceId);
        test.Pass(2.01);
        var before = test.Registry.Received.Count;

        var update = await Should.ThrowAsync<MusterRefusedException>(
            () => registration.UpdateAsync(Other, Cancellation).Soon());
        var drain = await Should.ThrowAsync<MusterRefusedException>(
            () => registration.DrainAsync(true, Cancellation).Soon());
        await registration.DisposeAsync().Soon();

        update.Reason.ShouldBe(RegistryRefusal.InstanceTaken);
        drain.Reason.ShouldBe(RegistryRefusal.InstanceTaken);
        test.Registry.Received.Count.ShouldBe(before);
        test.Registry.Has("a", registration.InstanceId).ShouldBeTrue();
    }

    [Fact]
    public async Task A_change_takes_nothing_over_either_and_is_how_the_loss_is_noticed()
    {
        await using var test = new ClientUnderTest();
        await using var registration = await test.RegisterAsync("a");
        test.Registry.TakeOver("a", registration.InstanceId);

        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => registration.UpdateAsync(Other, Cancellation).Soon());

        refused.Reason.ShouldBe(RegistryRefusal.InstanceTaken);
        registration.Lost.IsCancellationRequested.ShouldBeTrue();
        test.Registry.LeaseOf("a", registration.InstanceId).ShouldBe("another's");
    }

    [Fact]
    public async Task Registering_anew_takes_the_id_back()
    {
        await using var test = new ClientUnderTest();
        await using var first = await test.RegisterAsync("a", ttl: 6);
        test.Registry.TakeOver("a", first.InstanceId);
        test.Pass(2.01);

        await using var second = await test.Services.RegisterAsync(
            Other with { InstanceId = first.InstanceId }, Cancellation).Soon();
        test.Pass(30);

        second.IsRegistered.ShouldBeTrue();
        test.Registry.LeaseOf("a", first.InstanceId).ShouldBe(test.Registry.Registers.Last().LeaseId);
    }

    [Fact]
    public async Task Who_registered_later_while_the_answer_was_lost_keeps_the_id()
    {
        await using var test = new ClientUnderTest();
        test.Registry.Override = command =>
        {
            test.Registry.Override = _ => null;
            test.Registry.TakeOver("a", command.RegisterInstance!.InstanceId);
            return new RegistryReply
            {
                InstanceAccepted = new InstanceAccepted { CommandId = command.RegisterInstance.CommandId },
            };
        };

        var refused = await Should.ThrowAsync<MusterRefusedException>(() => test.RegisterAsync("a").Soon());

        refused.Reason.ShouldBe(RegistryRefusal.InstanceTaken);
        test.Registry.Registers.Select(register => register.OnlyIfAbsent).ShouldBe([false, true]);
        test.Pass(60);
        test.Registry.Received.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_draining_under_way_ends_with_the_loss()
    {
        await using var test = new ClientUnderTest();
        await using var registration = await test.RegisterAsync("a", ttl: 6);
        test.Registry.IsDeaf = true;
        var draining = registration.DrainAsync(true, Cancellation);
        test.Registry.TakeOver("a", registration.InstanceId);
        test.Registry.IsDeaf = false;
        test.Registry.Override = command => command.DrainInstance is { } drain
            ? new RegistryReply { RegistryUnknown = new RegistryUnknown { CommandId = drain.CommandId } }
            : null;

        test.Pass(2.01);

        var refused = await Should.ThrowAsync<MusterRefusedException>(() => draining.Soon());
        refused.Reason.ShouldBe(RegistryRefusal.InstanceTaken);
    }
}
