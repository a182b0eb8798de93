using Muster.Contracts.Detector;
using Muster.Contracts.Lock;

namespace Muster.Client.Tests;

/// <summary>A client that lets its locks pass on when it crashes, and the heartbeats that show it.</summary>
public class CrashReleaseTests
{
    private const string ToDetectors = "muster.beats";
    private const string ToEverybody = "Muster.Contracts.Detector:Heartbeat";

    private static readonly Action<MusterOptions> EverySecond =
        options => options.HeartbeatInterval = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task The_session_names_the_node_and_the_incarnation_of_its_heartbeats()
    {
        await using var test = new ClientUnderTest(EverySecond);
        await test.OpenSessionAsync();

        var open = test.Service.Opens.ShouldHaveSingleItem();
        (open.Node, open.Incarnation).ShouldBe(("n1", test.Service.Heartbeats[0].Incarnation));
    }

    public static TheoryData<Action<MusterOptions>> Refusing => new()
    {
        options => (options.HeartbeatInterval, options.CrashRelease) = (TimeSpan.FromSeconds(1), false),
        options => options.HeartbeatInterval = TimeSpan.Zero, // nobody could see a crash
    };

    [Theory]
    [MemberData(nameof(Refusing))]
    public async Task One_that_refuses_it_or_does_not_beat_names_none_and_beats_as_ever(
        Action<MusterOptions> refuse)
    {
        await using var test = new ClientUnderTest(refuse);
        await test.OpenSessionAsync();
        var before = test.Service.Heartbeats.Count;

        test.Pass(4);

        var open = test.Service.Opens.ShouldHaveSingleItem();
        (open.Node, open.Incarnation).ShouldBe(("", ""));
        (test.Service.Heartbeats.Count - before).ShouldBeLessThanOrEqualTo(4);
    }

    /// <summary>
    /// Each beat says when the next one follows, so that no detector waits by the longer interval for the end
    /// of the shorter one, or the other way round.
    /// </summary>
    [Fact]
    public async Task It_beats_every_250_ms_while_it_has_a_session_and_promises_so()
    {
        await using var test = new ClientUnderTest(EverySecond);
        await test.Client.ConnectAsync(TestContext.Current.CancellationToken).Soon();
        test.Pass(2.4);
        test.Service.Heartbeats.Select(beat => beat.IntervalMilliseconds).ShouldBe([1_000L, 1_000, 1_000]);

        var opening = test.OpenSessionAsync();
        test.Service.Heartbeats.Count.ShouldBe(4, "the promise changes at once");
        await opening;
        test.Pass(2);

        test.Service.Heartbeats.Skip(3).ShouldAllBe(beat => beat.IntervalMilliseconds == 250);
        test.Service.Heartbeats.Count.ShouldBeInRange(12, 13);
        test.Service.Heartbeats.ShouldAllBe(beat => beat.LagMilliseconds == 0);
    }

    [Fact]
    public async Task It_goes_back_to_its_own_interval_with_the_first_beat_after_the_session()
    {
        await using var test = new ClientUnderTest(EverySecond);
        await test.OpenSessionAsync();
        test.Pass(1);
        test.Service.LosesHeartbeats = true;
        test.Pass(14.7); // 15 s and a margin after the last renewal that was answered
        var before = test.Service.Heartbeats.Count;

        test.Pass(3);

        test.Service.Heartbeats.Skip(before).Select(beat => beat.IntervalMilliseconds)
            .ShouldAllBe(interval => interval == 1_000);
        (test.Service.Heartbeats.Count - before).ShouldBeInRange(3, 4);
    }

    [Fact]
    public async Task A_shorter_interval_of_its_own_stays()
    {
        await using var test = new ClientUnderTest(
            options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(100));
        await test.OpenSessionAsync();
        var before = test.Service.Heartbeats.Count;

        test.Pass(1);

        test.Service.Heartbeats.Skip(before).ShouldAllBe(beat => beat.IntervalMilliseconds == 100);
        (test.Service.Heartbeats.Count - before).ShouldBe(10);
    }

    [Fact]
    public async Task Only_beats_that_renew_reach_the_services_that_renew()
    {
        await using var test = new ClientUnderTest(EverySecond);
        await test.OpenSessionAsync();

        test.Pass(15);

        var beats = test.Link.Published.Where(published => published.Message is Heartbeat).ToList();
        beats.ShouldAllBe(published => published.Exchange
            == (((Heartbeat)published.Message).Sessions.Count > 0 ? ToEverybody : ToDetectors));
        beats.Count(published => published.Exchange == ToEverybody).ShouldBeInRange(2, 4);
        beats.Count(published => published.Exchange == ToDetectors).ShouldBeGreaterThan(50);
    }

    [Fact]
    public async Task One_that_lives_on_after_its_locks_have_passed_on_hears_so()
    {
        await using var test = new ClientUnderTest(EverySecond);
        await using var held = await test.Acquire("x").Soon();
        var session = test.Service.Opens.Single().SessionId;

        test.Link.Deliver(new LockLost
        {
            SessionId = session,
            AcquireId = held.AcquireId,
            Name = "x",
            Cause = "SessionCrashed",
        });

        await held.Lost.FiresAsync();
        held.IsLost.ShouldBeTrue();
    }
}
