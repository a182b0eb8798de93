namespace Muster.Contracts;

/// <summary>
/// Names an event for ever. <see cref="Number"/> counts the stream densely from 1, so a gap is seen; (epoch,
/// index, ordinal) says which entry caused it. Receivers drop what they have seen.
/// </summary>
public sealed record EventId
{
    public string Group { get; init; } = "";

    public long Epoch { get; init; } = 1;

    public LogIndex Index { get; init; }

    public int Ordinal { get; init; }

    public long Number { get; init; }
}
