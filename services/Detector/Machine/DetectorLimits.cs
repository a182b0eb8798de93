namespace Muster.Detector.Machine;

/// <summary>
/// The bounds of a detector group; part of <see cref="Genesis"/>, because they decide results.
/// </summary>
public sealed record DetectorLimits
{
    public const int MostDetectors = 15;
    public const int MostNameCharacters = 256;

    public static DetectorLimits Default { get; } = new();

    /// <summary>
    /// Nodes that some detector has voted on; those that were never accused take no place. Beyond it the one
    /// that has not changed for the longest time is forgotten, but none that is suspected.
    /// </summary>
    public int MaxNodes { get; init; } = 10_000;

    /// <summary>In log time, since the node's status last changed; a suspected one is kept.</summary>
    public long ForgetAfterMilliseconds { get; init; } = 86_400_000;

    /// <summary>Unpublished events above which no vote is taken; votes are repeated.</summary>
    public int MaxOutbox { get; init; } = 100_000;

    /// <summary>Events kept for catching up; older ones are answered with none.</summary>
    public int MaxKeptEvents { get; init; } = 4_096;

    internal bool AreValid =>
        MaxNodes > 0 && ForgetAfterMilliseconds > 0 && MaxOutbox > 0 && MaxKeptEvents > 0;
}
