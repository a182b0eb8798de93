namespace Muster.Recovery.Machine;

/// <summary>
/// Founds the group: what no later configuration may change. The first one in the log counts; before it every
/// command is refused with <c>NotReady</c>.
/// </summary>
public sealed record Genesis
{
    public string ClusterId { get; init; } = "";

    public string Group { get; init; } = "";

    /// <summary>
    /// The first epoch of answers and events: UTC milliseconds, so that a group founded anew after a loss is
    /// above the lost one. 0 reads as 1.
    /// </summary>
    public long Epoch { get; init; }

    /// <summary>How long, in machine time, commands are remembered by id.</summary>
    public long CommandWindowMilliseconds { get; init; } = 600_000;

    public RecoveryLimits Limits { get; init; } = RecoveryLimits.Default;

    internal bool IsValid => Epoch >= 0 && CommandWindowMilliseconds > 0 && Limits.AreValid;
}
