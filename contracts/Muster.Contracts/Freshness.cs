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
    /// <summary>
    /// The cluster's name, as the service was founded with (<c>muster</c> by default). Empty where the
    /// group's state was not looked at: refused before that, or not founded yet.
    /// </summary>
    public string ClusterId { get; init; } = "";

    /// <summary>
    /// UTC milliseconds of the group's founding; raised by every restore, above all that was known and to the
    /// time of the restore at least. 1 (default) where the group's state was not looked at.
    /// </summary>
    public long Epoch { get; init; } = 1;

    /// <summary>The log index whose state the answer shows.</summary>
    public LogIndex Index { get; init; }

    /// <summary>Linearizable unless the query asked for a cached answer and the replica had one.</summary>
    public ReadMode Mode { get; init; }

    /// <summary>Milliseconds since the copy was known to be current; 0 for a linearizable answer.</summary>
    public long AgeMilliseconds { get; init; }
}
