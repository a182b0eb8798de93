using Muster.Detector.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Tutorial;

public sealed class PhiTailTests
{
    private const long Interval = 1_000_000;
    private const long Deviation = 100_000;
    private const double Threshold = 8;

    /// <summary>
    /// The tutorial's fault: phi is taken of the other tail, the chance that the beat came already.
    /// </summary>
    [Fact]
    public void Phi_grows_with_silence_until_the_silent_node_is_suspected()
    {
        var window = new ArrivalWindow(Interval);
        var phi = new PhiAccrual(Deviation, acceptablePause: 0);

        GrowsIntoSuspicion(silence => phi.Level(window, Interval, silence)).ShouldBeTrue();

        GrowsIntoSuspicion(TutorialLevel).ShouldBeFalse();
        TutorialLevel(10 * Interval).ShouldBeLessThan(TutorialLevel(Interval), "it falls as silence grows");
    }

    private static bool GrowsIntoSuspicion(Func<long, double> levelOf)
    {
        var levels = Enumerable.Range(1, 100).Select(tenth => levelOf(tenth * Interval / 10)).ToList();
        return levels.Zip(levels.Skip(1)).All(pair => pair.Second >= pair.First)
            && levels[0] < Threshold && levels[^1] >= Threshold;
    }

    private static double TutorialLevel(long silence) =>
        NormalTail.NegativeLog10(-(silence - Interval) / (double)Deviation);
}
