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
    /// Nodes. Beyond it the one that failed or left longest ago is forgotten. When all live, a new one is not
    /// recorded before it is accused or leaves, and then takes the place of the one that lives longest;
    /// who is not recorded is missed by nobody if it dies while no detector runs.
    /// </summary>
    public int MaxNodes { get; init; } = 10_000;

    /// <summary>In log time, since the node failed or left; who lives is kept.</summary>
    public long ForgetAfterMilliseconds { get; init; } = 86_400_000;

    /// <summary>Unpublished events above which no vote is taken; votes are repeated.</summary>
    public int MaxOutbox { get; init; } = 100_000;

    /// <summary>Events kept for catching up; older ones are answered with none.</summary>
    public int MaxKeptEvents { get; init; } = 4_096;

    internal bool AreValid =>
        MaxNodes > 0 && ForgetAfterMilliseconds > 0 && MaxOutbox > 0 && MaxKeptEvents > 0;
}
