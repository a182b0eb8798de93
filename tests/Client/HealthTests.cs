using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Muster.Contracts.Lock;

namespace Muster.Client.Tests;

public class HealthTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<HealthReportEntry> CheckAsync(
        ClientUnderTest test, TimeSpan? unreachableAfter = null)
    {
        await using var provider = new ServiceCollection()
            .AddLogging()
            .AddSingleton(test.Client)
            .AddHealthChecks().AddMuster(unreachableAfter: unreachableAfter).Services
            .BuildServiceProvider();
        var report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);
        return report.Entries["muster"];
    }

    [Fact]
    public async Task Healthy_before_the_first_call_and_while_connected_with_what_it_holds()
    {
        await using var test = new ClientUnderTest();
        (await CheckAsync(test)).Status.ShouldBe(HealthStatus.Healthy);
        test.Service.Table.HoldByOther("held");
        await test.Acquire("a").Soon();
        _ = test.Acquire("held");
        var since = test.Time.GetUtcNow();
        test.Pass(30);

        var entry = await CheckAsync(test);

        entry.Status.ShouldBe(HealthStatus.Healthy);
        (entry.Data["cluster"], entry.Data["node"], entry.Data["isConnected"])
            .ShouldBe(("muster", "n1", true));
        (entry.Data["held"], entry.Data["waiting"]).ShouldBe((1, 1));
        entry.Data["since"].ShouldBe(since);
        entry.Data["session"].ShouldBe(test.Service.SessionId);
        ((double)entry.Data["renewedSecondsAgo"]).ShouldBeInRange(0, 5.1);
    }

    [Fact]
    public async Task Degraded_while_it_connects_again_and_unhealthy_when_the_session_is_lost()
    {
        await using var test = new ClientUnderTest();
        await test.Acquire("a").Soon();
        test.Link.GoDown();
        test.Pass(10);
        var away = await CheckAsync(test);
        test.Pass(5);
        var lost = await CheckAsync(test);
        test.Link.GoUp();
        var back = await CheckAsync(test);
        await test.Acquire("b").Soon();
        var again = await CheckAsync(test);

        (away.Status, away.Description).ShouldBe(
            (HealthStatus.Degraded, "The broker is out of reach since 10.0 s; connecting."));
        away.Data["held"].ShouldBe(1);
        lost.Status.ShouldBe(HealthStatus.Unhealthy);
        lost.Description!.ShouldStartWith("The session was lost");
        back.Status.ShouldBe(HealthStatus.Unhealthy, "nobody has opened another session yet");
        again.Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task A_lost_session_that_nobody_misses_is_forgotten()
    {
        await using var test = new ClientUnderTest();
        await test.Acquire("a").Soon();
        test.Service.Table.End(test.Service.SessionId);
        test.Pass(5);
        (await CheckAsync(test)).Status.ShouldBe(HealthStatus.Unhealthy);

        test.Pass(15);

        (await CheckAsync(test)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task Unhealthy_when_the_broker_is_away_for_longer_than_given()
    {
        await using var test = new ClientUnderTest(startUp: false);
        var connecting = test.Client.ConnectAsync(Cancellation);
        test.Pass(3);
        (await CheckAsync(test, TimeSpan.FromSeconds(4))).Status.ShouldBe(HealthStatus.Degraded);

        test.Pass(1);

        (await CheckAsync(test, TimeSpan.FromSeconds(4))).Status.ShouldBe(HealthStatus.Unhealthy);
        test.Link.GoUp();
        await connecting.Soon();
        (await CheckAsync(test, TimeSpan.FromSeconds(4))).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task Degraded_and_then_unhealthy_while_somebody_waits_and_no_session_can_be_had()
    {
        await using var test = new ClientUnderTest();
        test.Service.IsDeaf = true;
        var acquiring = test.Acquire("a");
        test.Pass(1);
        var early = await CheckAsync(test);
        test.Pass(15);
        var late = await CheckAsync(test);
        test.Service.IsDeaf = false;
        await test.PassUntilAsync(() => acquiring.IsCompleted);

        (early.Status, early.Description).ShouldBe(
            (HealthStatus.Degraded, "No session could be opened since 0.0 s, and somebody waits."));
        late.Status.ShouldBe(HealthStatus.Unhealthy);
        await acquiring.Soon();
        (await CheckAsync(test)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task A_lock_group_without_a_session_counts_whatever_the_others_have()
    {
        await using var test = new ClientUnderTest();
        test.Service.Table.Groups = 4;
        await test.Acquire("orders").Soon(); // in the first of four
        test.Service.Loses = command =>
            command.OpenSession is { } open && LockGroups.OfSession(open.SessionId, 4) == 3;
        var acquiring = test.Acquire("a/2/2"); // in the fourth
        var early = await CheckAsync(test);
        test.Pass(16);
        var late = await CheckAsync(test);
        test.Service.Loses = _ => false;
        await test.PassUntilAsync(() => acquiring.IsCompleted);

        (early.Status, early.Description).ShouldBe(
            (HealthStatus.Degraded, "No session could be opened since 0.0 s, and somebody waits."));
        (late.Status, late.Description).ShouldBe(
            (HealthStatus.Unhealthy, "No session could be opened since 16.0 s, and somebody waits."));
        await acquiring.Soon();
        (await CheckAsync(test)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task Degraded_when_renewals_are_not_answered()
    {
        await using var test = new ClientUnderTest();
        await test.Acquire("a").Soon();
        test.Service.LosesHeartbeats = true;

        test.Pass(8);

        (await CheckAsync(test)).Description.ShouldBe("The session's last renewal was 8.0 s ago.");
        test.Service.LosesHeartbeats = false;
        test.Pass(2);
        (await CheckAsync(test)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task Unhealthy_when_disposed_and_as_the_registration_says()
    {
        var test = new ClientUnderTest();
        await test.DisposeAsync();
        await using var provider = new ServiceCollection().AddLogging()
            .AddSingleton(test.Client)
            .AddHealthChecks().AddMuster("m", failureStatus: HealthStatus.Degraded, tags: ["ready"]).Services
            .BuildServiceProvider();

        var report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);

        (report.Entries["m"].Status, report.Entries["m"].Description)
            .ShouldBe((HealthStatus.Degraded, "The client is disposed."));
        report.Entries["m"].Tags.ShouldBe(["ready"]);
        Should.Throw<ArgumentOutOfRangeException>(
            () => new ServiceCollection().AddHealthChecks().AddMuster(unreachableAfter: TimeSpan.Zero));
    }
}
