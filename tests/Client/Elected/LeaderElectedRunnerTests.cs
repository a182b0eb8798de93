using System.Globalization;
using Microsoft.Extensions.Options;
using Muster.Contracts.Lock;

namespace Muster.Client.Tests.Elected;

public sealed class LeaderElectedRunnerTests : IDisposable
{
    private readonly ElectedWork _work = new();
    private readonly RecordingLogger<LeaderElectedRunner> _log = new();
    private readonly CancellationTokenSource _stop = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _stop.Dispose();

    private static IEnumerable<Resign> Resigns(ClientUnderTest test) =>
        test.Service.Received.Select(command => command.Resign).OfType<Resign>();

    private static int Campaigns(ClientUnderTest test) =>
        test.Service.Received.Count(command => command.Campaign is not null);

    private LeaderElectedRunner Runner(
        ClientUnderTest test, Action<LeaderElectedOptions>? configure = null, string election = "e",
        TimeProvider? time = null)
    {
        var options = new LeaderElectedOptions { Value = "here" };
        configure?.Invoke(options);
        return new LeaderElectedRunner(
            test.Elections, election, _work.ExecuteAsync, options, time ?? test.Time, _log);
    }

    [Fact]
    public async Task It_runs_under_the_leadership_and_a_stop_ends_it_before_it_resigns()
    {
        await using var test = new ClientUnderTest();
        var runner = Runner(test);
        _work.IsStubborn = true;
        var running = runner.RunAsync(_stop.Token);
        var run = await _work.RunAsync(1);
        (run.Leader.Election, run.Leader.Value, run.Leader.IsLost).ShouldBe(("e", "here", false));
        run.Leader.CampaignId.ShouldBe(test.Service.Table.LeaderOf("e")!.CampaignId);
        runner.Current.ShouldBeSameAs(run.Leader);

        await _stop.CancelAsync();
        run.Stopping.IsCancellationRequested.ShouldBeTrue();
        test.Pass(9.9);
        Resigns(test).ShouldBeEmpty();
        running.IsCompleted.ShouldBeFalse();
        run.End.SetResult();
        await running.Soon();

        var resigned = Resigns(test).Single();
        (resigned.Election, resigned.FencingToken).ShouldBe(("e", run.Token));
        test.Service.Table.LeaderOf("e").ShouldBeNull();
        runner.Current.ShouldBeNull();
        _log.Lines.Select(line => line.Id).ShouldBe([4040, 4041]);
    }

    [Fact]
    public async Task A_stop_hands_over_to_whoever_waits_while_no_time_passes()
    {
        await using var test = new ClientUnderTest();
        var running = Runner(test).RunAsync(_stop.Token);
        var first = await _work.RunAsync(1);
        using var stopOther = new CancellationTokenSource();
        var other = Runner(test).RunAsync(stopOther.Token);
        await test.Service.SeesAsync(command => command.Campaign is not null, 2);

        await _stop.CancelAsync();
        await running.Soon();

        (await _work.RunAsync(2)).Token.ShouldBeGreaterThan(first.Token);
        await stopOther.CancelAsync();
        await other.Soon();
        _work.WasTwiceAtATime.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_does_not_stop_in_time_is_given_up_and_never_has_a_second_beside_it()
    {
        await using var test = new ClientUnderTest();
        var runner = Runner(test, options => options.StopTimeout = TimeSpan.FromSeconds(3));
        _work.IsStubborn = true;
        var running = runner.RunAsync(_stop.Token);
        var run = await _work.RunAsync(1);
        await _stop.CancelAsync();

        await test.PassUntilAsync(() => running.IsCompleted);

        await running.Soon();
        Resigns(test).Count().ShouldBe(1);
        runner.Current!.IsLost.ShouldBeTrue("it was resigned over the work");
        TimeIn(_log.Of(4045).Single(), "still runs ").ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(3));
        await Should.ThrowAsync<InvalidOperationException>(() => runner.RunAsync(Cancellation));
        run.End.SetException(new InvalidOperationException("too late"));
        await Waiting.UntilAsync(() => runner.Current is null && _log.Of(4046).Any());
        _work.IsStubborn = false;
        using var stopAgain = new CancellationTokenSource();
        var again = Task.CompletedTask;
        await Waiting.UntilAsync(() => !(again = runner.RunAsync(stopAgain.Token)).IsFaulted);
        (await _work.RunAsync(2)).Token.ShouldBeGreaterThan(run.Token);
        await stopAgain.CancelAsync();
        await again.Soon();
    }

    [Fact]
    public async Task A_loss_stops_it_and_it_leads_again_under_a_greater_token()
    {
        await using var test = new ClientUnderTest();
        var running = Runner(test).RunAsync(_stop.Token);
        var first = await _work.RunAsync(1);

        test.Service.LosesHeartbeats = true;
        test.Pass(14.7);
        test.Service.Table.End(test.Service.SessionId);
        test.Service.LosesHeartbeats = false;
        var second = await _work.RunAsync(2);

        first.Stopping.IsCancellationRequested.ShouldBeTrue();
        first.Leader.IsLost.ShouldBeTrue();
        second.Token.ShouldBeGreaterThan(first.Token);
        second.Stopping.IsCancellationRequested.ShouldBeFalse();
        await _stop.CancelAsync();
        await running.Soon();
        _work.WasTwiceAtATime.ShouldBeFalse();
        _log.Lines.Select(line => line.Id).ShouldBe([4040, 4042, 4044, 4040, 4041]);
    }

    [Fact]
    public async Task Work_that_ignores_its_loss_is_told_of_and_waited_for()
    {
        await using var test = new ClientUnderTest();
        _work.IsStubborn = true;
        var running = Runner(test).RunAsync(_stop.Token);
        var first = await _work.RunAsync(1);
        test.Service.Table.Break(first.Leader.CampaignId);
        test.Pass(5); // the heartbeat's answer does not list it
        await first.Stopping.FiresAsync();

        await test.PassUntilAsync(() => _log.Of(4043).Count() == 2);

        Campaigns(test).ShouldBe(1);
        var told = TimeIn(_log.Of(4043).First(), "still runs ");
        told.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(10));
        TimeIn(_log.Of(4043).Last(), "still runs ")
            .ShouldBeGreaterThanOrEqualTo(told + TimeSpan.FromSeconds(10));
        _work.IsStubborn = false;
        first.End.SetResult();
        (await _work.RunAsync(2)).Token.ShouldBeGreaterThan(first.Token);
        TimeIn(_log.Of(4044).Single(), "ended ").ShouldBeGreaterThan(told);
        _work.WasTwiceAtATime.ShouldBeFalse();
        await _stop.CancelAsync();
        await running.Soon();
    }

    [Fact]
    public async Task A_stop_after_a_loss_is_bounded_too()
    {
        await using var test = new ClientUnderTest();
        _work.IsStubborn = true;
        var running = Runner(test).RunAsync(_stop.Token);
        var run = await _work.RunAsync(1);
        test.Service.Table.Break(run.Leader.CampaignId);
        test.Pass(5);
        await Waiting.UntilAsync(() => _log.Of(4042).Any());

        await _stop.CancelAsync();
        await test.PassUntilAsync(() => running.IsCompleted);

        await running.Soon();
        _log.Of(4045).Count().ShouldBe(1);
        run.End.SetResult();
    }

    [Fact]
    public async Task After_a_failure_others_lead_while_it_stays_away_longer_each_time()
    {
        await using var test = new ClientUnderTest();
        var time = new PauseClock(); // the runner's alone: it moves only when the runner waits for it
        var running = Runner(test, options => options.MaxRestartDelay = TimeSpan.FromSeconds(5), time: time)
            .RunAsync(_stop.Token);
        for (var number = 1; number <= 7; number++)
        {
            var run = await _work.RunAsync(number);
            if (number == 6)
            {
                time.Advance(TimeSpan.FromSeconds(5.1)); // longer than the longest pause: no row any more
            }
            run.End.SetException(new InvalidOperationException("broken"));
            await Waiting.UntilAsync(() => time.Pauses.Count == number);
            Resigns(test).Count().ShouldBe(number);
            (run.Stopping.IsCancellationRequested, run.Leader.IsLost)
                .ShouldBe((true, true), "what it left running is to end");
            test.Service.Table.LeaderOf("e").ShouldBeNull();
            time.Advance(time.Pauses[^1]);
        }

        time.Pauses.Select(pause => pause.TotalSeconds).ShouldBe([1, 2, 4, 5, 5, 1, 2]);
        _log.Of(4046).Count().ShouldBe(7);
        await _stop.CancelAsync();
        await running.Soon();
    }

    [Fact]
    public async Task A_failure_ends_it_where_the_options_say_so()
    {
        await using var test = new ClientUnderTest();
        var running = Runner(test, options => options.WhenFailed = LeaderElectedEnd.GiveUp)
            .RunAsync(_stop.Token);

        (await _work.RunAsync(1)).End.SetException(new InvalidOperationException("broken"));

        (await Should.ThrowAsync<InvalidOperationException>(() => running.Soon())).Message.ShouldBe("broken");
        Resigns(test).Count().ShouldBe(1);
    }

    [Theory]
    [InlineData(LeaderElectedEnd.CampaignAgain)]
    [InlineData(LeaderElectedEnd.GiveUp)]
    public async Task What_is_done_resigns_and_stands_again_or_gives_up(LeaderElectedEnd whenDone)
    {
        await using var test = new ClientUnderTest();
        var running = Runner(test, options => options.WhenDone = whenDone).RunAsync(_stop.Token);

        var run = await _work.RunAsync(1);
        // What the work left behind may take its time: neither it nor its fault holds up the next leader.
        using var isStuck = new ManualResetEventSlim();
        var isTold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        run.Stopping.Register(() =>
        {
            isTold.SetResult();
            isStuck.Wait(Cancellation);
            throw new InvalidOperationException("a user's fault");
        });
        run.End.SetResult();
        await Waiting.UntilAsync(() => Resigns(test).Any());
        await isTold.Task.Soon();
        run.Leader.IsLost.ShouldBeTrue();
        isStuck.Set();
        await Waiting.UntilAsync(() => _log.Of(4014).Any());

        if (whenDone == LeaderElectedEnd.CampaignAgain)
        {
            await test.PassUntilAsync(() => _work.Runs.Count == 2);
            await _stop.CancelAsync();
        }
        await running.Soon();
        _work.Runs.Count.ShouldBe(whenDone == LeaderElectedEnd.CampaignAgain ? 2 : 1);
    }

    [Fact]
    public async Task An_unanswered_campaign_is_repeated_and_a_waiting_one_ends_at_a_stop()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.IsDeaf = true;
        var running = Runner(test).RunAsync(_stop.Token);
        await test.PassUntilAsync(() => _log.Of(4048).Any());
        test.Service.IsDeaf = false;
        await test.PassUntilAsync(() => _work.Runs.Count == 1);
        using var stopOther = new CancellationTokenSource();
        var waiting = Runner(test).RunAsync(stopOther.Token);
        await Waiting.UntilAsync(() => Campaigns(test) >= 3);

        await stopOther.CancelAsync();

        await waiting.Soon();
        await _stop.CancelAsync();
        await running.Soon();
        _work.Runs.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_clients_end_ends_it()
    {
        await using var test = new ClientUnderTest();
        var running = Runner(test).RunAsync(_stop.Token);
        var run = await _work.RunAsync(1);

        await test.Client.DisposeAsync().Soon();

        await Should.ThrowAsync<ObjectDisposedException>(() => running.Soon());
        run.HasEnded.ShouldBeTrue();
    }

    public static TheoryData<Action<LeaderElectedOptions>, string> BadOptions => new()
    {
        { options => options.Value = new string('v', 1_025), "1024 characters; it has 1025." },
        { options => options.StopTimeout = TimeSpan.Zero, "01:00:00; it is 00:00:00." },
        { options => options.RestartDelay = TimeSpan.Zero, "RestartDelay must be from 00:00:00.0100000" },
        { options => options.RestartDelay = TimeSpan.FromMinutes(2), "(00:02:00) to 1.00:00:00; it is" },
        { options => options.WhenDone = (LeaderElectedEnd)7, "CampaignAgain or GiveUp; one is 7." },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public async Task Bad_options_are_refused_with_their_values(
        Action<LeaderElectedOptions> spoil, string message)
    {
        await using var test = new ClientUnderTest();

        Should.Throw<OptionsValidationException>(() => Runner(test, spoil)).Message.ShouldContain(message);
    }

    public static TheoryData<string> BadNames => ["", "a\nb", new string('ä', 101)];

    [Theory]
    [MemberData(nameof(BadNames))]
    public async Task A_bad_name_is_refused(string election)
    {
        await using var test = new ClientUnderTest();

        Should.Throw<ArgumentException>(() => Runner(test, election: election));
    }

    /// <summary>
    /// At least what must have passed: a busy thread pool lets more of the test's time pass.
    /// </summary>
    private static TimeSpan TimeIn(string line, string before)
    {
        var start = line.IndexOf(before, StringComparison.Ordinal) + before.Length;
        return TimeSpan.Parse(line[start..].Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
