using System.Text.Json.Serialization;

namespace Muster.Contracts.Detector;

/// <summary>What the detectors hold of a node.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NodeStatus>))]
public enum NodeStatus
{
    /// <summary>Heard, and nobody's suspicion stands.</summary>
    Alive,

    /// <summary>
    /// At least one detector has not heard from it for unusually long, or hears it late. Fast, and
    /// reversible.
    /// </summary>
    Suspected,

    /// <summary>A majority of the configured detectors has given it up.</summary>
    Failed,

    /// <summary>It said that it stops.</summary>
    Left,
}

/// <summary>Why a node is suspected or given up, as far as the evidence goes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FailureCause>))]
public enum FailureCause
{
    /// <summary>There is nothing to explain: the node is alive, or has left.</summary>
    None,

    /// <summary>
    /// Silent since the broker closed its connection, and it beat until then: the process is gone.
    /// </summary>
    Dead,

    /// <summary>
    /// Silent, but the broker has not closed its connection, or only when it had been silent for long: the
    /// path to the broker is cut, or the process stands still. The two cannot be told apart from outside.
    /// </summary>
    Path,

    /// <summary>
    /// Heard, but its heartbeats come later than they should, or it says itself that it lags.
    /// </summary>
    Slow,
}

/// <summary>A detector has not heard from a node for unusually long, or hears it late. Event.</summary>
public sealed record NodeSuspected
{
    /// <inheritdoc cref="NodeDescription.Node"/>
    public string Node { get; init; } = "";

    /// <summary>Which process of that name.</summary>
    public string Incarnation { get; init; } = "";

    /// <summary>As that detector sees it.</summary>
    public FailureCause Cause { get; init; }

    /// <summary>The first detector that suspects it.</summary>
    public string Detector { get; init; } = "";

    /// <summary>Its id and its place in the detectors' stream; the same when it is published twice.</summary>
    public EventId Event { get; init; } = new();
}

/// <summary>
/// This incarnation of the node is given up: by a majority of the configured detectors, or because another
/// incarnation beats in its place while it is silent. Event, once for each incarnation unless it was restored
/// between. In the second case a <see cref="NodeRestored"/> of the new incarnation follows.
/// </summary>
public sealed record NodeFailed
{
    /// <inheritdoc cref="NodeDescription.Node"/>
    public string Node { get; init; } = "";

    /// <summary>Which process of that name: a later one is not meant.</summary>
    public string Incarnation { get; init; } = "";

    /// <summary>
    /// The cause that most of the votes name; dead only if a majority of all detectors does. When another
    /// incarnation beats in its place: what the detector that heard so saw of this one.
    /// </summary>
    public FailureCause Cause { get; init; }

    /// <summary>
    /// The detectors whose votes make the majority; or the one that heard the incarnation that follows.
    /// </summary>
    public IReadOnlyList<string> Detectors { get; init; } = [];

    /// <summary>
    /// How long the verdict had stood when this message left, by its publisher's clock: it may have waited
    /// for the broker. Null: longer than the publisher can tell, and in answers to queries.
    /// </summary>
    public long? AgeMilliseconds { get; init; }

    /// <inheritdoc cref="NodeSuspected.Event"/>
    public EventId Event { get; init; } = new();
}

/// <summary>
/// A node that was suspected or failed is heard again by a majority of the detectors; or it had failed or
/// left and has started anew under another incarnation. Event.
/// </summary>
public sealed record NodeRestored
{
    /// <inheritdoc cref="NodeDescription.Node"/>
    public string Node { get; init; } = "";

    /// <summary>Which process of that name: the one that is heard, maybe a new one.</summary>
    public string Incarnation { get; init; } = "";

    /// <summary>What it was held for before.</summary>
    public NodeStatus Was { get; init; }

    /// <inheritdoc cref="NodeSuspected.Event"/>
    public EventId Event { get; init; } = new();
}

/// <summary>
/// This incarnation of the node said that it stops, in a last heartbeat that a detector heard. Event, once
/// for each incarnation. When that heartbeat is lost, the silence counts as any other.
/// </summary>
public sealed record NodeLeft
{
    /// <inheritdoc cref="NodeDescription.Node"/>
    public string Node { get; init; } = "";

    /// <summary>Which process of that name.</summary>
    public string Incarnation { get; init; } = "";

    /// <inheritdoc cref="NodeSuspected.Event"/>
    public EventId Event { get; init; } = new();
}

/// <summary>The head of the detectors' event stream; see <c>LockEventsHead</c>.</summary>
public sealed record DetectorEventsHead
{
    /// <summary>The group whose stream it is: <c>detector</c>.</summary>
    public string Group { get; init; } = "";

    /// <summary>The group's epoch now.</summary>
    public long Epoch { get; init; } = 1;

    /// <summary>The newest event's number: who has not seen all up to it reads the rest.</summary>
    public long Number { get; init; }
}
