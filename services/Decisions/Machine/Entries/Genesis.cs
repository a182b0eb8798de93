namespace Muster.Decisions.Machine;

/// <summary>
/// Founds the group: what no later configuration may change. The first one in the log counts; before it every
/// command is refused with <c>NotReady</c>.
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

    /// <summary>How old, in machine time, a proposal may be that decides.</summary>
    public long CommandWindowMilliseconds { get; init; } = 600_000;

    public DecisionLimits Limits { get; init; } = DecisionLimits.Default;

    internal bool IsValid =>
        Epoch is >= 1 and <= DecisionsState.LargestNumber && CommandWindowMilliseconds > 0
        && Limits.AreValid;
}
