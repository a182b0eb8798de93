namespace Muster.Contracts.Detector;

/// <summary>
/// What the detectors hold of every node: the verdicts linearizably, phi and silence as the answering
/// detector measures them now. Answer: <see cref="NodesDescribed"/> or <see cref="DetectorUnknown"/>.
/// </summary>
public sealed record DescribeNodes
{
    /// <summary>Names the query in its answer; any text. Empty: the id of its message counts.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>Only this node; empty (default): the first 1,000 by name, and none after them.</summary>
    public string Node { get; init; } = "";

    /// <summary>
    /// Where the answer goes. Null: where the message asks for it; nowhere when it does not.
    /// </summary>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The answer to <see cref="DescribeNodes"/>.</summary>
public sealed record NodesDescribed
{
    /// <summary>The id of the query that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The detector that answers, and whose phi and silence these are.</summary>
    public string Detector { get; init; } = "";

    /// <summary>
    /// False: it hears itself no more over the bus, or was paused, and judges nobody until it does again.
    /// </summary>
    public bool IsJudging { get; init; }

    /// <summary>
    /// By name in ordinal order, at most 1,000; empty: nobody has heard of the node that was asked for, or it
    /// is forgotten.
    /// </summary>
    public IReadOnlyList<NodeDescription> Nodes { get; init; } = [];

    /// <summary>As of which epoch and index of the group the verdicts are.</summary>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>One node: what the detectors together hold of it, and what the answering one measures.</summary>
public sealed record NodeDescription
{
    /// <summary>The node's name, as in its heartbeats.</summary>
    public string Node { get; init; } = "";

    /// <summary>Which process of that name it is about: the newest that is known.</summary>
    public string Incarnation { get; init; } = "";

    /// <summary>
    /// What they hold of it together; Alive or Left also of one that only the answering detector has heard.
    /// </summary>
    public NodeStatus Status { get; init; }

    /// <summary>Of a suspected or failed node; else None.</summary>
    public FailureCause Cause { get; init; }

    /// <summary>
    /// The answering detector's suspicion, -log10 of the chance that a heartbeat is still to come
    /// (Hayashibara et al., 2004); 0 when it waits for none.
    /// </summary>
    public double Phi { get; init; }

    /// <summary>
    /// Milliseconds since its last heartbeat, counted while the detector heard itself; for a node that only
    /// others have heard, since the detector began to wait for it.
    /// </summary>
    public long SilenceMilliseconds { get; init; }

    /// <summary>The detectors that now hold it for suspected or failed.</summary>
    public IReadOnlyList<string> Against { get; init; } = [];
}

/// <summary>
/// Catches up with the event stream from a number on. Answer: <see cref="DetectorEventsRead"/> or <see
/// cref="DetectorUnknown"/>.
/// </summary>
public sealed record ReadDetectorEvents
{
    /// <inheritdoc cref="DescribeNodes.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// The first event number wanted; 1 (default) is the first ever, and less is as good as no longer kept.
    /// Above the head nothing comes.
    /// </summary>
    public long FromNumber { get; init; } = 1;

    /// <inheritdoc cref="DescribeNodes.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// At most 1,000 events from the asked number on. When that number is no longer kept, none: start again from
/// <see cref="DescribeNodes"/>, and go on after <see cref="Head"/>.
/// </summary>
public sealed record DetectorEventsRead
{
    /// <inheritdoc cref="NodesDescribed.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="DetectorEventsHead.Group"/>
    public string Group { get; init; } = "";

    /// <summary>
    /// The newest event's number; 0 before the first. While the last event here is below it, there are more
    /// to read.
    /// </summary>
    public long Head { get; init; }

    /// <summary>In order, without a gap from the asked number on; the newest 4,096 are kept.</summary>
    public IReadOnlyList<DetectorEvent> Events { get; init; } = [];

    /// <summary>The asked events are no longer kept.</summary>
    public bool IsTrimmed { get; init; }

    /// <summary>As of which epoch and index of the group this is.</summary>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>One event: exactly one of the properties is set.</summary>
public sealed record DetectorEvent
{
    /// <summary>A suspicion, by one detector.</summary>
    public NodeSuspected? NodeSuspected { get; init; }

    /// <summary>A node that is given up.</summary>
    public NodeFailed? NodeFailed { get; init; }

    /// <summary>A node that is held for living again.</summary>
    public NodeRestored? NodeRestored { get; init; }

    /// <summary>A node that said that it stops.</summary>
    public NodeLeft? NodeLeft { get; init; }
}

/// <summary>The detectors' log could not be read in time.</summary>
public sealed record DetectorUnknown
{
    /// <summary>The id of the query.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>One sentence for people: why nobody can say.</summary>
    public string Message { get; init; } = "";
}
