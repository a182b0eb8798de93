using Muster.Contracts.Detector;

namespace Muster.Client.Tests;

public class SessionTests
{
    [Fact]
    public async Task One_session_serves_all_locks_and_is_opened_at_the_first_acquire()
    {
        await using var test = new ClientUnderTest();
        await test.Client.ConnectAsync(TestContext.Current.CancellationToken).Soon();
        test.Service.Opens.ShouldBeEmpty();

        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => test.Acquire($"n{i}"))).Soon();

        var open = test.Service.Opens.Single();
        open.TtlMilliseconds.ShouldBe(15_000);
        open.Owner.ShouldBe("test");
        test.Service.Acquires.ShouldAllBe(acquire => acquire.SessionId == open.SessionId);
    }

    [Fact]
    public async Task Heartbeats_go_every_third_of_the_ttl_and_live_as_long()
    {
        await using var test = new ClientUnderTest(options => options.SessionTtl = TimeSpan.FromSeconds(9));
        await test.OpenSessionAsync();

        test.Pass(2.99);
        test.Service.Heartbeats.ShouldBeEmpty();
        test.Pass(6.02);

        test.Service.Heartbeats.Select(heartbeat => heartbeat.Number).ShouldBe([1L, 2L, 3L]);
        test.Service.Heartbeats.ShouldAllBe(
            heartbeat => heartbeat.Sessions.Single() == test.Service.SessionId);
        var published = test.Link.Published.Where(published => published.Message is Heartbeat).ToList();
        published.ShouldAllBe(message => message.Options!.TimeToLive == TimeSpan.FromSeconds(3));
        published.ShouldAllBe(message => message.Exchange == "Muster.Contracts.Detector:Heartbeat");
    }

    [Fact]
    public async Task A_heartbeat_without_an_answer_is_followed_by_others_sooner_until_one_is_answered()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.LosesHeartbeats = true; // as a replica that stands still does
        test.Pass(5);
        test.Service.Heartbeats.Count.ShouldBe(1);
        test.Pass(1.25);
        test.Service.Heartbeats.Count.ShouldBe(2);
        test.Service.LosesHeartbeats = false;
        test.Pass(1.25);
        test.Service.Heartbeats.Count.ShouldBe(3);

        test.Pass(4.99);
        test.Service.Heartbeats.Count.ShouldBe(3);
        test.Pass(0.01);
        test.Service.Heartbeats.Count.ShouldBe(4);
    }

    [Fact]
    public async Task Answered_heartbeats_keep_a_lock_for_long()
    {
        await using var test = new ClientUnderTest();
        var handle = await test.Acquire("a").Soon();

        test.Pass(120);

        handle.IsLost.ShouldBeFalse();
        test.Service.Opens.Count().ShouldBe(1);
    }

    [Theory]
    [InlineData(15, 14.7)] // TTL / 50 is the greater
    [InlineData(2, 1.95)] // 50 ms is
    public async Task Without_a_renewal_the_lock_is_lost_a_margin_before_the_service_may_act(
        double ttl, double lease)
    {
        await using var test = new ClientUnderTest(options => options.SessionTtl = TimeSpan.FromSeconds(ttl));
        var handle = await test.Acquire("a").Soon();
        var lost = handle.Lost; // never read again: the timer alone must fire it
        test.Service.LosesHeartbeats = true;

        test.Pass(lease - 0.01);
        lost.IsCancellationRequested.ShouldBeFalse();
        test.Pass(0.01);

        lost.IsCancellationRequested.ShouldBeTrue();
        await lost.FiresAsync();
        handle.IsLost.ShouldBeTrue();
    }

    [Fact]
    public async Task The_lease_counts_from_when_the_answered_heartbeat_was_sent()
    {
        await using var test = new ClientUnderTest();
        var handle = await test.Acquire("a").Soon();
        test.Service.LosesHeartbeats = true;
        test.Pass(9); // heartbeat 1 went at 5 s
        test.Service.Answer(test.Service.Heartbeats[0]);

        test.Pass(10.69);
        handle.IsLost.ShouldBeFalse();
        test.Pass(0.01); // 5 + 14.7

        handle.IsLost.ShouldBeTrue();
    }

    [Fact]
    public async Task An_answer_that_comes_after_the_lease_revives_nothing()
    {
        await using var test = new ClientUnderTest();
        var handle = await test.Acquire("a").Soon();
        test.Service.LosesHeartbeats = true;
        test.Pass(14);
        test.Time.MoveWallClock(TimeSpan.FromSeconds(2)); // a pause: no timer has run

        test.Service.Answer(test.Service.Heartbeats[^1]);

        handle.IsLost.ShouldBeTrue();
    }

    [Fact]
    public async Task Answers_to_another_life_or_to_unsent_numbers_renew_nothing()
    {
        await using var test = new ClientUnderTest();
        var handle = await test.Acquire("a").Soon();
        test.Service.LosesHeartbeats = true;
        test.Pass(14);
        test.Service.Answer(test.Service.Heartbeats[^1], incarnation: "another");
        test.Service.Answer(test.Service.Heartbeats[^1] with { Number = 99 });

        test.Pass(0.7);

        handle.IsLost.ShouldBeTrue();
    }

    [Fact]
    public async Task A_session_that_the_service_does_not_know_is_lost_at_once()
    {
        await using var test = new ClientUnderTest();
        var handle = await test.Acquire("a").Soon();
        test.Service.Table.End(test.Service.SessionId);

        test.Pass(5);

        handle.IsLost.ShouldBeTrue();
        (await test.Acquire("a").Soon()).IsLost.ShouldBeFalse();
        test.Service.Opens.Count().ShouldBe(2);
    }

    [Fact]
    public async Task A_suspended_machine_loses_the_session_by_the_wall_clock()
    {
        await using var test = new ClientUnderTest();
        var handle = await test.Acquire("a").Soon();
        var lost = handle.Lost;

        test.Time.MoveWallClock(TimeSpan.FromSeconds(20));

        handle.IsLost.ShouldBeTrue(); // by reading alone: no timer ran
        lost.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task A_suspended_machine_fires_lost_within_a_quarter_second_of_waking()
    {
        await using var test = new ClientUnderTest();
        var lost = (await test.Acquire("a").Soon()).Lost;
        test.Service.LosesHeartbeats = true;

        test.Time.MoveWallClock(TimeSpan.FromSeconds(20));
        lost.IsCancellationRequested.ShouldBeFalse();
        test.Pass(0.25);

        lost.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task A_wall_clock_set_back_gives_no_more_time()
    {
        await using var test = new ClientUnderTest();
        var handle = await test.Acquire("a").Soon();
        test.Service.LosesHeartbeats = true;
        test.Time.MoveWallClock(-TimeSpan.FromHours(1));

        test.Pass(14.7);

        handle.IsLost.ShouldBeTrue();
    }

    [Fact]
    public async Task Waiters_of_a_lost_session_go_on_under_a_new_one()
    {
        await using var test = new ClientUnderTest();
        test.Service.Table.HoldByOther("busy");
        var waiting = test.Acquire("busy");
        var first = test.Service.Acquires.Single();
        test.Service.Table.End(first.SessionId);

        test.Pass(5); // the heartbeat's answer says so
        var seen = await test.Service.SeesAsync(command => command.AcquireLock is not null, 2);
        var second = seen.AcquireLock!;
        test.Service.FreeByOther("busy");
        var handle = await waiting.Soon();

        second.CommandId.ShouldNotBe(first.CommandId);
        second.SessionId.ShouldNotBe(first.SessionId);
        handle.AcquireId.ShouldBe(second.CommandId);
    }

    [Fact]
    public async Task A_command_refused_for_its_session_is_retried_under_a_new_one()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.Table.End(test.Service.SessionId);

        var handle = await test.Acquire("a").Soon();

        handle.IsLost.ShouldBeFalse();
        test.Service.Opens.Count().ShouldBe(2);
    }

    [Fact]
    public async Task An_opening_that_takes_half_the_lease_is_given_up_for_a_new_id()
    {
        await using var test = new ClientUnderTest();
        test.Service.IsMute = true;
        var acquire = test.Acquire("a", 60);

        test.Pass(7.34);
        test.Service.Opens.Select(open => open.SessionId).Distinct().Count().ShouldBe(1);
        test.Service.IsMute = false;
        test.Pass(0.01);

        test.Service.Opens.Select(open => open.SessionId).Distinct().Count().ShouldBe(2);
        (await acquire.Soon()).IsLost.ShouldBeFalse();
    }

    [Fact]
    public async Task However_many_wait_at_the_service_all_go_on_when_the_session_is_lost()
    {
        await using var test = new ClientUnderTest(options => options.MaxWaitingCalls = 2);
        test.Service.Table.HoldByOther("busy");
        var waiting = Enumerable.Range(0, 5).Select(_ => test.Acquire("busy")).ToList();
        test.Service.Table.End(test.Service.SessionId);
        test.Service.IsDeaf = true; // none is sent again before all of them wait here
        test.Pass(5); // the heartbeat's answer says so
        await test.Service.SeesAsync(command => command.OpenSession is not null, 2);
        await Waiting.UntilAsync(() => test.Client.Core.Look().Waiting == 5);

        test.Service.IsDeaf = false;
        test.Pass(1);
        await test.Service.SeesAsync(command => command.AcquireLock is not null, 10);
        test.Service.FreeByOther("busy");

        while (waiting.Count > 0)
        {
            var next = await Task.WhenAny(waiting).Soon();
            waiting.Remove(next);
            await (await next).DisposeAsync().Soon();
        }
    }
}
