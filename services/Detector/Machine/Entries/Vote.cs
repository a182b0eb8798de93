using Muster.Contracts.Detector;

namespace Muster.Detector.Machine;

/// <summary>
/// What one detector holds of one incarnation of a node, from now on and until it says otherwise.
/// </summary>
public sealed record Vote
{
    public string Detector { get; init; } = "";

    public string Node { get; init; } = "";

    public string Incarnation { get; init; } = "";

    /// <summary>
    /// <see cref="NodeStatus.Alive"/> says that a heartbeat was heard after the node was accused.
    /// </summary>
    public NodeStatus Status { get; init; }

    /// <summary>None for the statuses that have no cause.</summary>
    public FailureCause Cause { get; init; }

    internal bool IsAgainst => Status is NodeStatus.Suspected or NodeStatus.Failed;

    internal bool IsValid =>
        IsName(Detector) && IsName(Node) && IsName(Incarnation)
        && Enum.IsDefined(Status) && Enum.IsDefined(Cause) && (Cause == FailureCause.None) != IsAgainst;

    private static bool IsName(string name) => name.Length is > 0 and <= DetectorLimits.MostNameCharacters;
}
