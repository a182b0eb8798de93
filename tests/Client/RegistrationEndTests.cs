using Muster.Contracts.Registry;

namespace Muster.Client.Tests;

/// <summary>An instance whose owner disposes its registration, or the client.</summary>
public class RegistrationEndTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Disposing_takes_it_out_once_and_nothing_renews_it_any_more()
    {
        await using var test = new ClientUnderTest();
        var registration = await test.RegisterAsync("a");

        await registration.DisposeAsync().Soon();
        await registration.DisposeAsync().Soon();
        test.Pass(60);

        test.Registry.Has("a", registration.InstanceId).ShouldBeFalse();
        test.Registry.Received.Count(command => command.DeregisterInstance is not null).ShouldBe(1);
        test.Service.Heartbeats.ShouldBeEmpty();
        registration.IsRegistered.ShouldBeFalse();
        await Should.ThrowAsync<ObjectDisposedException>(
            () => registration.DrainAsync(cancellationToken: Cancellation).Soon());
    }

    [Fact]
    public async Task Disposing_ends_a_change_that_is_under_way()
    {
        await using var test = new ClientUnderTest();
        var registration = await test.RegisterAsync("a");
        test.Registry.IsDeaf = true;
        var draining = registration.DrainAsync(cancellationToken: Cancellation);
        test.Registry.IsDeaf = false;

        await registration.DisposeAsync().Soon();

        await Should.ThrowAsync<ObjectDisposedException>(() => draining.Soon());
    }

    [Fact]
    public async Task Disposing_waits_one_second_for_the_registry()
    {
        await using var test = new ClientUnderTest();
        var registration = await test.RegisterAsync("a");
        test.Registry.IsDeaf = true;
        var disposing = registration.DisposeAsync().AsTask();

        test.Pass(0.99);
        disposing.IsCompleted.ShouldBeFalse();
        test.Pass(0.02);
        await disposing.Soon();
        test.Registry.IsDeaf = false;
        test.Pass(1);

        test.Registry.Has("a", registration.InstanceId).ShouldBeFalse();
    }

    [Fact]
    public async Task The_clients_end_takes_every_instance_out()
    {
        await using var test = new ClientUnderTest();
        var first = await test.RegisterAsync("a");
        var second = await test.RegisterAsync("a");

        await test.Client.DisposeAsync().Soon();

        test.Registry.Has("a", first.InstanceId).ShouldBeFalse();
        test.Registry.Has("a", second.InstanceId).ShouldBeFalse();
        await first.DisposeAsync().Soon();
    }
}
