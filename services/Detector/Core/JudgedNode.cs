using Muster.Contracts.Detector;

namespace Muster.Detector.Core;

/// <summary>What a judge knows of one incarnation of a node, and holds of it.</summary>
public sealed class JudgedNode
{
    /// <summary>Incarnations that are over, and whose late heartbeats prove nothing.</summary>
    private const int MostPast = 8;

    /// <summary>Of both: more than can be late after one of them has ended.</summary>
    private const int BeatsOfADouble = 4;

    private readonly FailureCause _followedCause;

    internal JudgedNode(
        Heartbeat first, IEnumerable<string> past, JudgeOptions options,
        FailureCause followedCause = FailureCause.None)
    {
        Node = first.Node;
        Incarnation = first.Incarnation;
        History = new BeatHistory(first, options.WindowSize);
        Past = [.. past.TakeLast(MostPast)];
        _followedCause = followedCause;
    }

    public string Node { get; }

    public string Incarnation { get; }

    public NodeStatus Status { get; private set; }

    public FailureCause Cause { get; private set; }

    /// <summary>Heartbeats heard of this incarnation.</summary>
    public long Beats => History.Count;

    /// <summary>What its heartbeats promise.</summary>
    public long IntervalMilliseconds => History.Interval / 1_000;

    /// <summary>Another process beats under the same name, and keeps on while this one does.</summary>
    public bool HasDouble => Rival is { Beats: >= BeatsOfADouble } rival
        && Beats >= rival.BeatsBefore + BeatsOfADouble;

    internal Rival? Rival { get; private set; }

    internal IReadOnlyList<string> Past { get; }

    internal BeatHistory History { get; }

    internal string Connection { get; private set; } = "";

    /// <summary>When the broker said that it closed the connection, in hearing time.</summary>
    internal long? ClosedAt { get; private set; }

    /// <summary>The same, also after it came back under another.</summary>
    internal long? LastClosedAt { get; private set; }

    /// <summary>
    /// It had been silent for long when its connection was closed: the broker missed it too, and that is no
    /// word of its death.
    /// </summary>
    internal bool WasSilentBefore { get; private set; }

    /// <summary>When the status last changed, by the judge's own clock.</summary>
    internal long ChangedAt { get; private set; }

    internal bool IsInMassSilence { get; set; }

    /// <summary>
    /// The log shows what is held of it, or asks for no word of it. Until then one that is over keeps its
    /// place: its vote would be forgotten with it.
    /// </summary>
    public bool IsTold { get; internal set; }

    internal bool IsOver => Status is NodeStatus.Left or NodeStatus.Failed;

    /// <summary>This incarnation was heard in the place of that one, which was silent.</summary>
    public bool Follows(string incarnation) => Past.Contains(incarnation, StringComparer.Ordinal);

    /// <summary>What befell the incarnation that this one follows; None for any other.</summary>
    public FailureCause CauseOf(string incarnation) =>
        Past is [.., var last] && last == incarnation ? _followedCause : FailureCause.None;

    /// <summary>
    /// The incarnation that was heard after this one had beaten for the last time; one that never beat again,
    /// too, is not to be forgotten.
    /// </summary>
    internal Rival? Heir => Rival is { } rival && !Follows(rival.Incarnation)
        && rival.LastAt.Own > History.Last.Own ? rival : null;

    /// <summary>Another incarnation of the node beats.</summary>
    internal Rival Meet(Heartbeat beat, BeatTime at)
    {
        if (Rival?.Incarnation != beat.Incarnation)
        {
            Rival = new Rival(beat.Incarnation, Beats);
        }
        Rival.Hear(beat, at);
        return Rival;
    }

    /// <summary>Takes the next beat of this incarnation. True when the status or its cause changed.</summary>
    internal bool Take(Heartbeat beat, BeatTime at, JudgeOptions options)
    {
        History.Add(beat, at, options, isTrusted: Status == NodeStatus.Alive);
        // What came so shortly after under the old connection was on its way before.
        if (ClosedAt is { } closed
            && (beat.Connection != Connection || at.Heard - closed > options.ReconnectGrace))
        {
            ClosedAt = null;
        }
        Connection = beat.Connection;
        return beat.IsLast ? Hold(NodeStatus.Left, FailureCause.None, at.Own)
            : History.IsSlow ? Hold(NodeStatus.Suspected, FailureCause.Slow, at.Own)
            : Hold(NodeStatus.Alive, FailureCause.None, at.Own);
    }

    internal void Close(long heard, bool wasSilent)
    {
        LastClosedAt = heard;
        if (ClosedAt is null)
        {
            (ClosedAt, WasSilentBefore) = (heard, wasSilent);
        }
    }

    internal void ForgetClosing() => ClosedAt = null;

    internal bool Hold(NodeStatus status, FailureCause cause, long now)
    {
        if (status == Status && cause == Cause)
        {
            return false;
        }
        (Status, Cause, ChangedAt, IsTold) = (status, cause, now, false);
        return true;
    }
}
