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
    /// <see cref="NodeStatus.Alive"/> says that a heartbeat was heard: the first one of the incarnation, or
    /// one after the node was accused.
    /// </summary>
    public NodeStatus Status { get; init; }

    /// <summary>None for the statuses that have no cause.</summary>
    public FailureCause Cause { get; init; }

    /// <summary>
    /// The incarnation that fell silent, and which this one was heard to follow; empty: none. One that the
    /// log holds for living makes way to no other vote but a majority's.
    /// </summary>
    public string Follows { get; init; } = "";

    /// <summary>Why <see cref="Follows"/> is given up; None: its path, as nothing else is known.</summary>
    public FailureCause FollowedCause { get; init; }

    /// <summary>What the heartbeats promise; 0: not known.</summary>
    public long IntervalMilliseconds { get; init; }

    /// <summary>
    /// Grows with each word that <see cref="From"/> says: a copy that comes late must not take back what was
    /// said since. 0: of an older build, and taken whenever it comes.
    /// </summary>
    public long Number { get; init; }

    /// <summary>The detector's process, new at each start: numbers of two have no order.</summary>
    public string From { get; init; } = "";

    internal bool IsAgainst => Status is NodeStatus.Suspected or NodeStatus.Failed;

    internal bool IsValid =>
        IsName(Detector) && IsName(Node) && IsName(Incarnation)
        && Follows.Length <= DetectorLimits.MostNameCharacters && IntervalMilliseconds >= 0
        && From.Length <= DetectorLimits.MostNameCharacters && Number >= 0
        && Enum.IsDefined(Status) && Enum.IsDefined(Cause) && Enum.IsDefined(FollowedCause)
        && (Cause == FailureCause.None) != IsAgainst;

    private static bool IsName(string name) => name.Length is > 0 and <= DetectorLimits.MostNameCharacters;
}
