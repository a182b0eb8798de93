namespace Muster.Testing;

/// <summary>
/// Finds the shortest beginning of a refuted history that is refuted. An explained history has only explained
/// beginnings, so halving finds it; from near where the search stuck, as it is mostly there.
/// </summary>
internal sealed class FailingPrefix
{
    private const int StepsAtOnce = 4096;
    // A shorter part is worth so long a wait, and not more.
    private static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(10);

    private readonly Model _model;
    private readonly KeyOperations _key;
    private readonly CheckOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly long _start;
    private readonly Operation[] _completed;

    public FailingPrefix(
        Model model, KeyOperations key, CheckOptions options, CancellationToken cancellationToken)
    {
        (_model, _key, _options, _cancellationToken) = (model, key, options, cancellationToken);
        _start = options.Time.GetTimestamp();
        _completed = [.. key.Operations
            .Where(operation => operation.Outcome == Outcome.Ok)
            .OrderBy(operation => operation.CompletedAt)];
    }

    /// <param name="stuckAt">The place of the completion that the search stuck at.</param>
    public FailingPart Find(long stuckAt)
    {
        // The answer is within the range, and its end is refuted.
        var (low, high) = (0, _completed.Length - 1);
        var probe = Array.FindIndex(_completed, operation => operation.CompletedAt == stuckAt);
        for (var distance = 1; low < high; distance *= 4)
        {
            probe = Math.Clamp(probe, low, high - 1);
            var isRefuted = IsRefuted(probe);
            (low, high) = isRefuted ? (low, probe) : (probe + 1, high);
            probe = distance > high - low ? (low + high) / 2
                : isRefuted ? high - distance
                : low + distance - 1;
        }
        return Part(high);
    }

    /// <summary>The failing part, with the longest order that no foreknowledge has cut short.</summary>
    private FailingPart Part(int last)
    {
        var search = NewSearch(last, specializes: false);
        if (Run(search) == SearchStatus.Explained)
        {
            throw new InvalidOperationException(
                $"The model {_model.Name} specializes wrongly: it refuses what there is an order for.");
        }
        var part = search.Stuck();
        return part.Blocked.CompletedAt == _completed[last].CompletedAt
            ? part
            : part with { Blocked = part.Operations.First(
                operation => operation.CompletedAt == _completed[last].CompletedAt) };
    }

    /// <summary>False also where that is not found out in time: then a longer part is shown.</summary>
    private bool IsRefuted(int last) => Run(NewSearch(last, specializes: true)) == SearchStatus.Refuted;

    private KeySearch NewSearch(int last, bool specializes)
    {
        var end = _completed[last].CompletedAt;
        var operations = _key.Operations
            .Where(operation => operation.InvokedAt < end)
            .Select(operation => operation.CompletedAt <= end ? operation : WithoutEnd(operation));
        return _model.NewSearch(
            _key with { Operations = [.. operations] }, new MemoryBudget(_options.MemoryBytes), specializes);
    }

    private SearchStatus Run(KeySearch search)
    {
        var status = SearchStatus.Paused;
        while (status == SearchStatus.Paused && _options.Time.GetElapsedTime(_start) < LongestTime
            && !_cancellationToken.IsCancellationRequested)
        {
            status = search.Run(StepsAtOnce);
        }
        return status;
    }

    private static Operation WithoutEnd(Operation operation) => operation with
    {
        Outcome = Outcome.Unknown,
        Answer = Value.Null,
        Result = null,
        Token = null,
        CompletedAt = long.MaxValue,
        CompletedTime = null,
    };
}
