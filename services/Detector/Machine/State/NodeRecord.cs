using Muster.Contracts;
using Muster.Contracts.Detector;

namespace Muster.Detector.Machine;

/// <summary>
/// What the detectors hold of a node, from its first heartbeat on, and the votes behind it. Immutable.
/// </summary>
public sealed record NodeRecord
{
    public string Node { get; init; } = "";

    /// <summary>The newest incarnation that a detector voted on.</summary>
    public string Incarnation { get; init; } = "";

    /// <summary>Incarnations that are over, the newest last: late votes on them change nothing.</summary>
    public IReadOnlyList<string> Past { get; init; } = [];

    /// <summary>
    /// What the incarnation's heartbeats promise, for detectors that have not heard one; the longest of all
    /// promises. 0: not known.
    /// </summary>
    public long IntervalMilliseconds { get; init; }

    public NodeStatus Status { get; init; }

    public FailureCause Cause { get; init; }

    /// <summary>
    /// At most one of each detector, by its name. Alive ones are taken away when the status gets worse:
    /// they say that a heartbeat was heard after the accusation.
    /// </summary>
    public IReadOnlyList<HeldVote> Votes { get; init; } = [];

    /// <summary>
    /// The votes that count no more, of detectors that have none: none older than it counts either.
    /// </summary>
    public IReadOnlyList<HeldVote> Spent { get; init; } = [];

    /// <summary>The entry at which the status last changed.</summary>
    public LogIndex ChangedAt { get; init; }

    /// <summary>Log time of that entry.</summary>
    public long ChangedTime { get; init; }

    /// <summary>The incarnation has ended, as far as is known: another takes its place at once.</summary>
    public bool HasEnded => Status is NodeStatus.Failed or NodeStatus.Left;

    public HeldVote? VoteOf(string detector) =>
        Votes.FirstOrDefault(vote => vote.Detector == detector);

    public bool IsOver(string incarnation) => Past.Contains(incarnation, StringComparer.Ordinal);

    internal int Count(NodeStatus status) => Votes.Count(vote => vote.Status == status);

    /// <summary>The detector has said something else since.</summary>
    internal bool HasNewerThan(Vote vote) => vote.Number > 0 && Votes.Concat(Spent).Any(held =>
        held.Detector == vote.Detector && held.From == vote.From && held.Number > vote.Number);
}

/// <summary>One detector's present vote.</summary>
public sealed record HeldVote
{
    public string Detector { get; init; } = "";

    public NodeStatus Status { get; init; }

    public FailureCause Cause { get; init; }

    /// <summary>As the vote had it.</summary>
    public long Number { get; init; }

    public string From { get; init; } = "";

    public bool IsAgainst => Status is NodeStatus.Suspected or NodeStatus.Failed;
}
