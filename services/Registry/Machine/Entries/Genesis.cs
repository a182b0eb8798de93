namespace Muster.Registry.Machine;

/// <summary>
/// Founds the group: what no later configuration may change. The first one in the log counts, later ones
/// change nothing; before it every command is refused with <c>NotReady</c>.
/// </summary>
public sealed record Genesis
{
    /// <summary>
    /// UTC milliseconds of the founding, so that a group founded anew after a loss has a greater epoch than
    /// the lost one, and its views replace the old ones. 0, as an older build wrote it, counts as 1.
    /// </summary>
    public long Epoch { get; init; } = 1;

    /// <summary>How long, in machine time, commands are remembered by id.</summary>
    public long CommandWindowMilliseconds { get; init; } = 600_000;

    public string ClusterId { get; init; } = "";

    public string Group { get; init; } = "";

    public RegistryLimits Limits { get; init; } = RegistryLimits.Default;

    internal bool IsValid =>
        Epoch is >= 1 and <= RegistryState.LargestNumber && CommandWindowMilliseconds > 0 && Limits.AreValid;
}
