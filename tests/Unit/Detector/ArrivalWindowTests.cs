using CsCheck;
using Muster.Detector.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Detector;

public sealed class ArrivalWindowTests
{
    [Fact]
    public void Sums_are_exact_however_many_intervals_come_and_go() => Gen.Select(
        Gen.Int[1, 40], Gen.Long[0, ArrivalWindow.LongestInterval].Array[0, 200]).Sample(
        (capacity, intervals) =>
        {
            var window = new ArrivalWindow(7, capacity);
            var all = new List<long> { 7 };
            foreach (var interval in intervals)
            {
                window.Add(interval);
                all.Add(interval);
                var kept = all.TakeLast(capacity).ToList();
                window.Count.ShouldBe(kept.Count);
                window.Sum.ShouldBe(kept.Sum());
                window.SumOfSquares.ShouldBe(kept.Aggregate(
                    Int128.Zero, (sum, one) => sum + ((Int128)one * one)));
            }
        });

    [Fact]
    public void Mean_and_deviation_are_those_of_what_is_kept()
    {
        var window = new ArrivalWindow(99, capacity: 8);
        foreach (var interval in new long[] { 2, 4, 4, 4, 5, 5, 7, 9 })
        {
            window.Add(interval);
        }
        window.Mean.ShouldBe(5);
        window.Deviation.ShouldBe(2);
    }

    /// <summary>Squares of 10^9 and a difference of 1: a running double sum would have lost it.</summary>
    [Fact]
    public void A_small_deviation_of_long_intervals_is_not_rounded_away()
    {
        var window = new ArrivalWindow(3_000_000_000, capacity: 1_000);
        for (var i = 0; i < 1_000_000; i++)
        {
            window.Add(3_000_000_000 + (i % 2 == 0 ? 1 : -1));
        }
        window.Deviation.ShouldBe(1, 1e-9);
    }

    [Fact]
    public void The_promised_interval_is_the_first()
    {
        var window = new ArrivalWindow(1_000_000);
        (window.Count, window.Mean, window.Deviation).ShouldBe((1, 1_000_000, 0));
    }

    [Fact]
    public void Adding_to_a_full_window_allocates_nothing()
    {
        var window = new ArrivalWindow(1_000_000);
        var level = 0.0;
        var phi = new PhiAccrual(100_000, 0);
        for (var i = 0; i < 2_000; i++)
        {
            window.Add(i);
            level += phi.Level(window, 1_000_000, i); // with what the first call of all makes
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            window.Add(i);
            level += phi.Level(window, 1_000_000, i);
        }
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000);
        level.ShouldBeGreaterThan(0);
        window.Count.ShouldBe(ArrivalWindow.DefaultCapacity);
    }
}
