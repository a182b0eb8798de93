namespace Muster.Testing;

/// <summary>Where a search stands.</summary>
internal enum SearchStatus
{
    /// <summary>It can go on.</summary>
    Paused,

    Explained,

    Refuted,

    OutOfMemory,
}

/// <summary>What was done to one key, without what failed.</summary>
internal sealed record KeyOperations(Value Key, IReadOnlyList<Operation> Operations);

/// <summary>How a search treats what it knows.</summary>
/// <param name="Specializes">Whether the model may refuse what later operations rule out.</param>
/// <param name="RepeatsUnknown">
/// Whether an operation of unknown outcome may take effect any number of times. That explains more than there
/// is, so only a refutation counts; but there are far fewer configurations to be in.
/// </param>
/// <param name="KeepsOrder">Whether the order that goes furthest is asked for, which takes copies.</param>
internal readonly record struct SearchRules(
    bool Specializes, bool RepeatsUnknown, bool KeepsOrder = false);

/// <summary>A search of one key's orders, which goes on from where it was paused.</summary>
internal abstract class KeySearch
{
    /// <summary>About what it holds.</summary>
    public abstract long Bytes { get; }

    /// <summary>
    /// The place of the completion that it came furthest to and did not pass; the least there is before any.
    /// </summary>
    public abstract long StuckAt { get; }

    /// <summary>Goes on for that many steps at most.</summary>
    public abstract SearchStatus Run(int steps);

    /// <summary>Where it stuck, as far as it got.</summary>
    public abstract FailingPart Stuck();
}
