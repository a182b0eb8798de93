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

/// <summary>The search of one key's orders, which goes on from where it was paused.</summary>
internal abstract class KeySearch(KeyOperations key, MemoryBudget budget)
{
    private readonly MemoryBudget _budget = budget;
    private volatile bool _mustGiveUp;

    public KeyOperations Key { get; } = key;

    /// <summary>Set by the budget, when another search needs the memory.</summary>
    public bool MustGiveUp => _mustGiveUp;

    public void GiveUp() => _mustGiveUp = true;

    /// <summary>It is over: its memory is for the others.</summary>
    public void Release() => _budget.Release(this);

    /// <summary>Goes on for that many steps at most.</summary>
    public abstract SearchStatus Run(int steps);

    /// <summary>Where it stuck, as far as it got.</summary>
    public abstract FailingPart Stuck();

    /// <summary>Counts what it holds now.</summary>
    protected void Report(long bytes) => _budget.Report(this, bytes);
}
