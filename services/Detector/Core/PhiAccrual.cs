namespace Muster.Detector.Core;

/// <summary>
/// The phi accrual failure detector (Hayashibara, Defago, Yared, Katayama: "The phi accrual failure
/// detector", 2004): phi = -log10 P(later), the chance that a heartbeat comes only after a silence this long,
/// if intervals are normally distributed as measured. So phi 1 is wrong once in 10 times, phi 8 once in 10^8.
/// </summary>
/// <param name="minimumDeviation">
/// In microseconds: a node as regular as a clock must not be suspected for a millisecond.
/// </param>
/// <param name="acceptablePause">
/// In microseconds, added to the mean: what a garbage collection or a lost heartbeat may take.
/// </param>
public sealed class PhiAccrual(long minimumDeviation, long acceptablePause) : ISuspicion
{
    public double Level(ArrivalWindow window, long interval, long silence)
    {
        ArgumentNullException.ThrowIfNull(window);
        // Never below the promise: a node may send between two beats of its own accord.
        var mean = Math.Max(window.Mean, interval) + acceptablePause;
        var deviation = Math.Max(window.Deviation, minimumDeviation);
        return NormalTail.NegativeLog10((silence - mean) / deviation);
    }
}
