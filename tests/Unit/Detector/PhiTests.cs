using CsCheck;
using Muster.Detector.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Detector;

public sealed class PhiTests
{
    private static readonly Gen<long> Microseconds = Gen.Long[1_000, 5_000_000];

    /// <summary>-log10 of the upper tail, from tables of the normal distribution.</summary>
    [Theory]
    [InlineData(-8.0, 2.7e-16)]
    [InlineData(-2.0, 0.0099939)]
    [InlineData(0.0, 0.3010300)]
    [InlineData(1.0, 0.7995460)]
    [InlineData(2.0, 1.6430127)]
    [InlineData(2.8284, 2.6307210)]
    [InlineData(3.0, 2.8696733)]
    [InlineData(5.6, 7.9697905)]
    [InlineData(10.0, 23.1180483)]
    [InlineData(37.0, 299.2812340)]
    public void The_tail_agrees_with_the_tables(double z, double expected) =>
        NormalTail.NegativeLog10(z).ShouldBe(expected, Math.Max(2e-4 * expected, 1e-17));

    /// <summary>
    /// The tutorial's mistake is the other tail: its phi falls as the silence grows, so that the longest dead
    /// are the least suspected.
    /// </summary>
    [Fact]
    public void Phi_grows_with_silence_and_never_falls() => Gen.Select(
        Microseconds, Gen.Long[0, 3_000_000], Gen.Long[1_000, 2_000_000], Gen.Long[0, 100_000_000],
        Gen.Long[1, 100_000_000])
        .Sample((interval, pause, deviation, silence, more) =>
        {
            var window = new ArrivalWindow(interval);
            var phi = new PhiAccrual(deviation, pause);
            phi.Level(window, interval, silence + more)
                .ShouldBeGreaterThanOrEqualTo(phi.Level(window, interval, silence));
        });

    [Fact]
    public void Phi_is_strictly_greater_once_silence_is_longer_than_expected()
    {
        var window = new ArrivalWindow(1_000_000);
        var phi = new PhiAccrual(100_000, 0);
        var levels = Enumerable.Range(0, 300)
            .Select(i => phi.Level(window, 1_000_000, 500_000 + (i * 20_000))).ToList();
        levels.Zip(levels.Skip(1)).ShouldAllBe(pair => pair.Second > pair.First);
        levels[0].ShouldBeLessThan(0.001);
        levels[^1].ShouldBeGreaterThan(300);
    }

    [Fact]
    public void Phi_is_finite_for_any_silence()
    {
        var window = new ArrivalWindow(1_000_000);
        var phi = new PhiAccrual(1_000, 0);
        foreach (var silence in new[] { 0, 1, 1_000_000, 86_400_000_000, 100 * 365 * 86_400_000_000L })
        {
            double.IsFinite(phi.Level(window, 1_000_000, silence)).ShouldBeTrue();
        }
    }

    [Fact]
    public void The_tail_is_monotone_across_the_seams_of_its_three_formulas()
    {
        foreach (var seam in new[] { -2 * Math.Sqrt(2), 0, 2 * Math.Sqrt(2), -3.7190, 3.7190 })
        {
            var values = Enumerable.Range(-1_000, 2_001)
                .Select(i => NormalTail.NegativeLog10(seam + (i * 1e-6))).ToList();
            values.Zip(values.Skip(1)).ShouldAllBe(pair => pair.Second > pair.First);
        }
    }

    [Fact]
    public void The_acceptable_pause_moves_the_whole_curve()
    {
        var window = new ArrivalWindow(1_000_000);
        new PhiAccrual(100_000, 3_000_000).Level(window, 1_000_000, 4_560_000)
            .ShouldBe(new PhiAccrual(100_000, 0).Level(window, 1_000_000, 1_560_000));
    }

    [Fact]
    public void Beats_out_of_turn_do_not_make_the_regular_ones_late()
    {
        var window = new ArrivalWindow(1_000_000);
        for (var i = 0; i < 999; i++)
        {
            window.Add(10_000);
        }
        new PhiAccrual(1_000, 0).Level(window, 1_000_000, 990_000).ShouldBeLessThan(1);
    }

    [Fact]
    public void A_plain_timeout_reaches_the_threshold_when_it_is_over()
    {
        var window = new ArrivalWindow(1_000_000);
        var timeout = new PlainTimeout(after: 5_000_000, threshold: 8);
        timeout.Level(window, 1_000_000, 4_999_999).ShouldBeLessThan(8);
        timeout.Level(window, 1_000_000, 5_000_000).ShouldBe(8);
        timeout.Level(window, 1_000_000, 10_000_000).ShouldBe(16);
    }
}
