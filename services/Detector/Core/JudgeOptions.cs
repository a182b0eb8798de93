namespace Muster.Detector.Core;

/// <summary>What a judge goes by. Times in microseconds, silences in hearing time.</summary>
public sealed record JudgeOptions
{
    public required ISuspicion Suspicion { get; init; }

    /// <summary>The level from which on a node is suspected.</summary>
    public double Threshold { get; init; } = 8;

    /// <summary>The level from which on a silent node is given up, after <see cref="FailAfter"/>.</summary>
    public double FailureThreshold { get; init; } = 12;

    public long FailAfter { get; init; } = 10_000_000;

    /// <summary>Lateness beyond it is slow.</summary>
    public long AcceptablePause { get; init; } = 3_000_000;

    /// <summary>
    /// How long a node whose connection was closed may take to come back under a new one, before that counts
    /// as evidence.
    /// </summary>
    public long ReconnectGrace { get; init; } = 300_000;

    /// <summary>
    /// For so long after the judge's own connection was lost, or three were closed within a second, and while
    /// those of most nodes were closed within so long, a closed connection is no evidence yet. 0: it always
    /// is.
    /// </summary>
    public long Unrest { get; init; } = 5_000_000;

    /// <summary>
    /// While most of the nodes fell silent at once, the broker is more likely to be at fault than all of
    /// them: evidence of closed connections does not count, and <see cref="FailAfter"/> is this many times
    /// longer. 1: no difference.
    /// </summary>
    public int MassSilenceFactor { get; init; } = 2;

    public int WindowSize { get; init; } = ArrivalWindow.DefaultCapacity;

    /// <summary>More than the log has places for: who finds none there is judged all the same.</summary>
    public int MostNodes { get; init; } = 20_000;

    /// <summary>Failed nodes and those that left are forgotten after this time of the own clock.</summary>
    public long ForgetAfter { get; init; } = 86_400_000_000;

    /// <summary>The interval of the judge's own beats.</summary>
    public long OwnInterval { get; init; } = 200_000;
}
