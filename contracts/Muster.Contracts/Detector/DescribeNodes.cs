namespace Muster.Contracts.Detector;

/// <summary>
/// What the detectors hold of every node: the verdicts linearizably, phi and silence as the answering
/// detector measures them now. Answer: <see cref="NodesDescribed"/> or <see cref="DetectorUnknown"/>.
/// </summary>
public sealed record DescribeNodes
{
    public string CommandId { get; init; } = "";

    /// <summary>Only this node; empty (default): the first 1,000 by name.</summary>
    public string Node { get; init; } = "";

    public ReplyAddress? ReplyTo { get; init; }
}

public sealed record NodesDescribed
{
    public string CommandId { get; init; } = "";

    /// <summary>The detector that answers, and whose phi and silence these are.</summary>
    public string Detector { get; init; } = "";

    /// <summary>
    /// False: it hears itself no more over the bus, or was paused, and judges nobody until it does again.
    /// </summary>
    public bool IsJudging { get; init; }

    public IReadOnlyList<NodeDescription> Nodes { get; init; } = [];

    public Freshness Freshness { get; init; } = new();
}

public sealed record NodeDescription
{
    public string Node { get; init; } = "";

    public string Incarnation { get; init; } = "";

    public NodeStatus Status { get; init; }

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
    public string CommandId { get; init; } = "";

    public long FromNumber { get; init; } = 1;

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// At most 1,000 events from the asked number on. When that number is no longer kept, none: start again from
/// <see cref="DescribeNodes"/>, and go on after <see cref="Head"/>.
/// </summary>
public sealed record DetectorEventsRead
{
    public string CommandId { get; init; } = "";

    public string Group { get; init; } = "";

    public long Head { get; init; }

    public IReadOnlyList<DetectorEvent> Events { get; init; } = [];

    /// <summary>The asked events are no longer kept.</summary>
    public bool IsTrimmed { get; init; }

    public Freshness Freshness { get; init; } = new();
}

/// <summary>One event: exactly one of the properties is set.</summary>
public sealed record DetectorEvent
{
    public NodeSuspected? NodeSuspected { get; init; }

    public NodeFailed? NodeFailed { get; init; }

    public NodeRestored? NodeRestored { get; init; }

    public NodeLeft? NodeLeft { get; init; }
}

/// <summary>The detectors' log could not be read in time.</summary>
public sealed record DetectorUnknown
{
    public string CommandId { get; init; } = "";

    public string Message { get; init; } = "";
}
