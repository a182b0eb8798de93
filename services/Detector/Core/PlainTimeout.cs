namespace Muster.Detector.Core;

/// <summary>
/// A silence is suspicious after a fixed time, whatever was measured: the level grows evenly and reaches the
/// threshold then.
/// </summary>
/// <param name="after">Microseconds.</param>
/// <param name="threshold">The level at which a node is suspected.</param>
public sealed class PlainTimeout(long after, double threshold) : ISuspicion
{
    public double Level(ArrivalWindow window, long interval, long silence) =>
        threshold * Math.Max(0, silence) / after;
}
