namespace Muster.Testing;

/// <summary>
/// Decides one key, a slice at a time: by an operation that nothing can explain, if the model sees one; by
/// the search; and where that takes long and outcomes are unknown, by one that may repeat those, in turns
/// with it.
/// </summary>
internal sealed class KeyJudge(Model model, KeyOperations key, MemoryBudget budget)
{
    // Most histories are decided in fewer steps, and cost no second search.
    private const long StepsAlone = 50_000;

    private KeySearch? _exact;
    private KeySearch? _repeating;
    private bool _isRepeatingOver;
    private long _steps;
    private volatile bool _mustGiveUp;

    public KeyOperations Key => key;

    /// <summary>Set by the budget, when another key needs the memory.</summary>
    public bool MustGiveUp => _mustGiveUp;

    /// <summary>
    /// The place of the completion that it came furthest to; the least there is before any.
    /// </summary>
    public long StuckAt { get; private set; } = long.MinValue;

    public void GiveUp() => _mustGiveUp = true;

    /// <summary>Goes on for about that many steps.</summary>
    public SearchStatus Run(int steps)
    {
        var status = MustGiveUp ? SearchStatus.OutOfMemory : RunSearches(steps);
        if (status == SearchStatus.Paused)
        {
            budget.Report(this, _exact!.Bytes + (_repeating?.Bytes ?? 0));
            status = MustGiveUp ? SearchStatus.OutOfMemory : status;
        }
        if (status != SearchStatus.Paused)
        {
            (_exact, _repeating) = (null, null);
            budget.Release(this);
        }
        return status;
    }

    private SearchStatus RunSearches(int steps)
    {
        if (_exact is null)
        {
            if (model.FindImpossible(key.Operations) is { } impossible)
            {
                StuckAt = impossible.CompletedAt;
                return SearchStatus.Refuted;
            }
            if (model.FindsAllImpossible(key.Operations))
            {
                return SearchStatus.Explained;
            }
            _exact = model.NewSearch(key, new SearchRules(Specializes: true, RepeatsUnknown: false));
        }
        var status = _exact.Run(steps);
        StuckAt = _exact.StuckAt;
        _steps += steps;
        return status == SearchStatus.Paused && _steps > StepsAlone && RunRepeating(steps)
            ? SearchStatus.Refuted
            : status;
    }

    /// <summary>Whether the search that may repeat has refuted the key.</summary>
    private bool RunRepeating(int steps)
    {
        if (_isRepeatingOver || !model.IsBounded
            || !key.Operations.Any(operation => operation.Outcome == Outcome.Unknown))
        {
            return false;
        }
        _repeating ??= model.NewSearch(key, new SearchRules(Specializes: true, RepeatsUnknown: true));
        var status = _repeating.Run(steps);
        if (status == SearchStatus.Paused)
        {
            return false;
        }
        StuckAt = _repeating.StuckAt;
        (_repeating, _isRepeatingOver) = (null, true);
        return status == SearchStatus.Refuted;
    }
}
