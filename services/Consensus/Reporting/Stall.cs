using System.Text.Json.Serialization;

namespace Muster.Consensus.Reporting;

/// <summary>What kept a node from hearing the others, or from being heard.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StallKind>))]
public enum StallKind
{
    /// <summary>The node's loop: not run by the computer, or held up by its disk.</summary>
    Loop,

    /// <summary>The way over the broker: a message of the node to itself came late or not.</summary>
    Broker,
}

/// <summary>A time in which a node was no good member.</summary>
/// <param name="Kind">Where it hung.</param>
/// <param name="From">Its begin, by this computer's clock.</param>
/// <param name="Milliseconds">How long it lasted.</param>
public sealed record Stall(StallKind Kind, DateTimeOffset From, long Milliseconds);
