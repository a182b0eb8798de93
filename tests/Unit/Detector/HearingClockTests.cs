using CsCheck;
using Muster.Detector.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Detector;

public sealed class HearingClockTests
{
    private const long Step = 600;
    private const long Gap = 3_000;

    [Fact]
    public void It_moves_on_only_when_a_beat_of_its_own_comes_back()
    {
        var clock = new HearingClock(Step, Gap);
        clock.Tick(5_000);
        (clock.Time, clock.IsHearing(5_000)).ShouldBe((0, false));
        clock.Hear(5_000);
        clock.Hear(5_200);
        clock.Tick(5_400);
        (clock.Time, clock.IsHearing(5_400)).ShouldBe((200, true));
    }

    [Fact]
    public void A_short_gap_counts_for_one_step_and_a_long_one_begins_a_new_round()
    {
        var clock = new HearingClock(Step, Gap);
        clock.Hear(0);
        clock.Hear(2_000);
        (clock.Time, clock.Lost, clock.Round).ShouldBe((Step, 1_400, 1));
        clock.Hear(2_000 + 20_000);
        (clock.Time, clock.Round, clock.RoundStart).ShouldBe((Step, 2, Step));
    }

    [Fact]
    public void A_pause_of_its_own_begins_a_new_round_although_beats_came_meanwhile()
    {
        var clock = new HearingClock(Step, Gap);
        clock.Tick(0);
        clock.Hear(0);
        clock.Hear(200);
        clock.Tick(20_000);
        clock.IsHearing(300).ShouldBeFalse();
        clock.Hear(400);
        clock.Round.ShouldBe(2);
    }

    [Fact]
    public void It_never_goes_back_and_never_runs_ahead_of_the_own_clock() =>
        Gen.Long[0, 10_000].Array[1, 100].Sample(gaps =>
        {
            var clock = new HearingClock(Step, Gap);
            var (now, before) = (0L, 0L);
            foreach (var gap in gaps)
            {
                now += gap;
                clock.At(now).ShouldBeGreaterThanOrEqualTo(clock.Time);
                clock.Hear(now);
                clock.Time.ShouldBeInRange(before, before + Math.Min(gap, Step));
                before = clock.Time;
            }
        });
}
