namespace Muster.Contracts;

/// <summary>
/// Names an event for ever. <see cref="Number"/> counts the stream densely from 1, so a gap is seen; (epoch,
/// index, ordinal) says which entry caused it. Receivers drop what they have seen.
/// </summary>
public sealed record EventId
{
    /// <summary>
    /// The group whose stream it is in: <c>lock</c>, <c>lock-1</c>, <c>registry</c>, <c>decisions</c>,
    /// <c>detector</c>, <c>recovery</c>.
    /// </summary>
    public string Group { get; init; } = "";

    /// <summary>The group's epoch at the event's entry, see <see cref="Freshness.Epoch"/>.</summary>
    public long Epoch { get; init; } = 1;

    /// <summary>
    /// The entry that caused it, in the log of that time; after a restore the log may be another.
    /// </summary>
    public LogIndex Index { get; init; }

    /// <summary>Counts the events of one entry from 0.</summary>
    public int Ordinal { get; init; }

    /// <summary>
    /// Its place in the group's stream: 1, 2, 3, ... A restore leaves it at the greatest known, and goes on
    /// from there.
    /// </summary>
    public long Number { get; init; }
}
