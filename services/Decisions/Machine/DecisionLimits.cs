namespace Muster.Decisions.Machine;

/// <summary>
/// The bounds of a decisions group; part of <see cref="Genesis"/>, because they decide results. A decision
/// stays for ever, so what is full stays full.
/// </summary>
public sealed record DecisionLimits
{
    public const int MostKeyBytes = 4_096;
    public const int MostValueBytes = 256 * 1024;
    public const int MostProposerCharacters = 256;
    public const int MostIdCharacters = 128;

    public static DecisionLimits Default { get; } = new();

    public int MaxKeyBytes { get; init; } = 512;

    public int MaxValueBytes { get; init; } = 64 * 1024;

    public int MaxKeys { get; init; } = 100_000;

    /// <summary>
    /// UTF-8 bytes of all decisions. No more by default than what a backup surely takes, compressed badly.
    /// </summary>
    public long MaxBytes { get; init; } = 6 * 1024 * 1024;

    /// <summary>Unpublished events above which nothing new is decided.</summary>
    public int MaxOutbox { get; init; } = 10_000;

    /// <summary>Events kept for catching up; who missed older ones starts again from the list.</summary>
    public int MaxKeptEvents { get; init; } = 10_000;

    internal bool AreValid =>
        MaxKeyBytes is > 0 and <= MostKeyBytes && MaxValueBytes is > 0 and <= MostValueBytes
        && MaxKeys > 0 && MaxBytes > 0 && MaxOutbox > 0 && MaxKeptEvents > 0;
}
