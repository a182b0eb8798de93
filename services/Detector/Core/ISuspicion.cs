namespace Muster.Detector.Core;

/// <summary>How suspicious a silence is: a level that grows with it, compared with thresholds.</summary>
public interface ISuspicion
{
    /// <summary>
    /// Never falls as <paramref name="silence"/> grows, and is finite and a number whatever it is.
    /// </summary>
    /// <param name="window">The node's intervals so far.</param>
    /// <param name="interval">What the node promises, in microseconds.</param>
    /// <param name="silence">Microseconds since its last heartbeat, as the judge counts them.</param>
    double Level(ArrivalWindow window, long interval, long silence);
}
