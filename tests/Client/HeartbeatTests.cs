using Muster.Contracts.Detector;

namespace Muster.Client.Tests;

public class HeartbeatTests
{
    private static readonly Action<MusterOptions> EverySecond = options =>
        (options.HeartbeatInterval, options.CrashRelease) = (TimeSpan.FromSeconds(1), false);

    [Fact]
    public async Task They_go_every_interval_from_the_connecting_on_with_what_a_detector_needs()
    {
        await using var test = new ClientUnderTest(EverySecond);
        await test.Client.ConnectAsync(TestContext.Current.CancellationToken).Soon();
        test.Pass(3);

        test.Service.Heartbeats.Select(heartbeat => heartbeat.Number).ShouldBe([1L, 2L, 3L, 4L]);
        test.Service.Heartbeats.Select(heartbeat => heartbeat.Incarnation).Distinct().Count().ShouldBe(1);
        test.Service.Heartbeats.ShouldAllBe(heartbeat => heartbeat.Node == "n1"
            && heartbeat.IntervalMilliseconds == 1_000 && heartbeat.LagMilliseconds == 0
            && heartbeat.Connection == test.Link.Incarnation && !heartbeat.IsLast
            && heartbeat.Sessions.Count == 0 && heartbeat.Leases.Count == 0);
        test.Link.Published.ShouldAllBe(message => message.Options!.TimeToLive == TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_late_one_says_by_how_much_and_the_beat_goes_on()
    {
        await using var test = new ClientUnderTest(EverySecond);
        await test.Client.ConnectAsync(TestContext.Current.CancellationToken).Soon();

        test.Time.Advance(TimeSpan.FromSeconds(3.5)); // due at 1 s, and the process stood still
        test.Pass(1);

        test.Service.Heartbeats.Select(heartbeat => heartbeat.LagMilliseconds).ShouldBe([0L, 2_500L, 0L]);
    }

    [Fact]
    public async Task One_heartbeat_renews_the_session_and_the_leases_and_most_renew_nothing()
    {
        await using var test = new ClientUnderTest(EverySecond);
        await test.OpenSessionAsync();
        await using var registration = await test.RegisterAsync("a");
        var before = test.Service.Heartbeats.Count;

        test.Pass(30);

        var sent = test.Service.Heartbeats.Skip(before).ToList();
        sent.Count.ShouldBe(30);
        var renewals = sent.Where(heartbeat => heartbeat.Sessions.Count > 0).ToList();
        renewals.Count.ShouldBeInRange(6, 8);
        renewals.ShouldAllBe(heartbeat => heartbeat.Leases.Count == 1);
        sent.Except(renewals).ShouldAllBe(heartbeat => heartbeat.Leases.Count == 0);
        registration.IsRegistered.ShouldBeTrue();
        test.Service.Opens.Count().ShouldBe(1);
        test.Registry.Registers.Count().ShouldBe(1);
    }

    [Fact]
    public async Task They_stop_with_the_link_and_come_back_with_it()
    {
        await using var test = new ClientUnderTest(EverySecond);
        await test.Client.ConnectAsync(TestContext.Current.CancellationToken).Soon();
        test.Link.GoDown();
        test.Pass(10);
        test.Service.Heartbeats.Count.ShouldBe(1);

        test.Link.GoUp();
        test.Pass(1);

        test.Service.Heartbeats.Select(heartbeat => heartbeat.LagMilliseconds).ShouldBe([0L, 0L, 0L]);
        test.Service.Heartbeats[1].Connection.ShouldNotBe(test.Service.Heartbeats[0].Connection);
    }

    [Fact]
    public async Task The_last_one_says_so()
    {
        await using var test = new ClientUnderTest(EverySecond);
        await test.Client.ConnectAsync(TestContext.Current.CancellationToken).Soon();

        await test.Client.DisposeAsync().Soon();
        test.Pass(3);

        test.Service.Heartbeats.Select(heartbeat => heartbeat.IsLast).ShouldBe([false, true]);
    }

    [Fact]
    public async Task An_interval_of_zero_sends_none_without_a_session()
    {
        await using var test = new ClientUnderTest();
        await test.Client.ConnectAsync(TestContext.Current.CancellationToken).Soon();

        test.Pass(60);
        await test.Client.DisposeAsync().Soon();

        test.Link.Published.Select(published => published.Message).OfType<Heartbeat>().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_renews_outlives_a_short_interval_in_the_brokers_queue()
    {
        await using var test = new ClientUnderTest(options =>
            (options.HeartbeatInterval, options.CrashRelease) = (TimeSpan.FromMilliseconds(100), false));
        await test.OpenSessionAsync();

        test.Pass(6);

        var lives = test.Link.Published.Where(published => published.Message is Heartbeat)
            .ToLookup(
                published => ((Heartbeat)published.Message).Sessions.Count > 0,
                published => published.Options!.TimeToLive);
        lives[true].Distinct().ShouldBe([TimeSpan.FromSeconds(1)]);
        lives[false].Distinct().ShouldBe([TimeSpan.FromMilliseconds(100)], "it is to revive nobody");
    }
}
