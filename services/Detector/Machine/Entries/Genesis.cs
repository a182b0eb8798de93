namespace Muster.Detector.Machine;

/// <summary>
/// Founds the group: what no later configuration may change. The first one in the log counts; before it every
/// vote is ignored.
/// </summary>
public sealed record Genesis
{
    /// <summary>
    /// The proposer's UTC milliseconds, so that a group that is founded anew has a greater one than the lost
    /// group had. Absent: 1.
    /// </summary>
    public long Epoch { get; init; } = 1;

    public string ClusterId { get; init; } = "";

    public string Group { get; init; } = "";

    /// <summary>
    /// The configured instances, of which a majority fails and restores nodes. Votes of others are ignored.
    /// </summary>
    public IReadOnlyList<string> Detectors { get; init; } = [];

    /// <summary>How old, in machine time, a proposed restoration may be.</summary>
    public long CommandWindowMilliseconds { get; init; } = 600_000;

    public DetectorLimits Limits { get; init; } = DetectorLimits.Default;

    internal bool IsValid =>
        Epoch is >= 1 and <= DetectorState.LargestNumber
        && CommandWindowMilliseconds > 0 && Limits.AreValid
        && Detectors.Count is >= 1 and <= DetectorLimits.MostDetectors
        && Detectors.Distinct(StringComparer.Ordinal).Count() == Detectors.Count
        && Detectors.All(name => name.Length is > 0 and <= DetectorLimits.MostNameCharacters);
}
