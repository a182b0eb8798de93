namespace Muster.Testing;

/// <summary>
/// The shortest beginning of a key's history, by completions, that no order explains. Operations that were
/// under way at its end are of unknown outcome in it.
/// </summary>
public sealed record FailingPart
{
    /// <summary>The model it is judged by.</summary>
    public required Model Model { get; init; }

    /// <summary>The key; null where the history has none.</summary>
    public required Value Key { get; init; }

    /// <summary>All operations of the part, in the order of their invocations.</summary>
    public required IReadOnlyList<Operation> Operations { get; init; }

    /// <summary>The one whose completion cannot be explained.</summary>
    public required Operation Blocked { get; init; }

    /// <summary>
    /// The longest order found. Mostly it explains all that completed before the blocked one; a hard
    /// history's may end before.
    /// </summary>
    public required IReadOnlyList<Operation> Order { get; init; }

    /// <summary>The state after that order.</summary>
    public required string State { get; init; }

    /// <summary>This part as text.</summary>
    public override string ToString()
    {
        using var writer = new StringWriter();
        FailingPartText.Write(writer, this);
        return writer.ToString();
    }
}
