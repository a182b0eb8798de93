using System.Text.Json.Serialization;

namespace Muster.Contracts;

/// <summary>How an answer was read.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReadMode>))]
public enum ReadMode
{
    /// <summary>The answer holds everything that was acknowledged before it was asked for.</summary>
    Linearizable,

    /// <summary>The answer comes from a copy that may be as old as it says.</summary>
    Cached,
}

/// <summary>
/// What every answer says of itself. Two answers of one group are compared by (<see cref="Epoch"/>,
/// <see cref="Index"/>); another epoch means that the group was restored and views start again.
/// </summary>
public sealed record Freshness
{
    public string ClusterId { get; init; } = "";

    /// <summary>Raised by every restore; starts at 1.</summary>
    public long Epoch { get; init; } = 1;

    /// <summary>The log index whose state the answer shows.</summary>
    public LogIndex Index { get; init; }

    public ReadMode Mode { get; init; }

    /// <summary>Milliseconds since the copy was known to be current; 0 for a linearizable answer.</summary>
    public long AgeMilliseconds { get; init; }
}
