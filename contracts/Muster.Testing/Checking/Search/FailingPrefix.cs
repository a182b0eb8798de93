namespace Muster.Testing;

/// <summary>
/// Finds the shortest beginning of a refuted history that is refuted. An explained history has only explained
/// beginnings, so halving finds it; from near where the search stuck, as it is mostly there.
/// </summary>
internal sealed class FailingPrefix
{
    private const int StepsAtOnce = 4096;
    // A shorter part is worth so long a wait, and not more; nor more than is left of the check's own time,
    // but for the least, which shows something in any case.
    private static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LeastTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestSearch = TimeSpan.FromSeconds(2);

    private readonly Model _model;
    private readonly KeyOperations _key;
    private readonly CheckOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly long _start;
    private readonly TimeSpan _time;
    private readonly Operation[] _completed;

    // What is left is of the check's time.
    public FailingPrefix(
        Model model, KeyOperations key, CheckOptions options, TimeSpan left,
        CancellationToken cancellationToken)
    {
        _time = left < LeastTime ? LeastTime : left > LongestTime ? LongestTime : left;
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
        for (var distance = 1L; low < high; distance = Math.Min(4 * distance, _completed.Length))
        {
            probe = Math.Clamp(probe, low, high - 1);
            var isRefuted = IsRefuted(probe);
            (low, high) = isRefuted ? (low, probe) : (probe + 1, high);
            probe = distance > high - low ? (low + high) / 2
                : isRefuted ? high - (int)distance
                : low + (int)distance - 1;
        }
        return Part(high);
    }

    /// <summary>
    /// The failing part, with an order that goes as far as any: up to its last completion. It is looked for
    /// with what the model knows beforehand, which may end it earlier, and then without.
    /// </summary>
    private FailingPart Part(int last)
    {
        var end = _completed[last].CompletedAt;
        var part = Stuck(last, specializes: true);
        if (part.Reached < end)
        {
            var plain = Stuck(last, specializes: false);
            part = plain.Reached > part.Reached ? plain : part;
        }
        var blocked = part.Part.Operations.First(operation => operation.CompletedAt == end);
        return part.Part with { Blocked = blocked };
    }

    private (FailingPart Part, long Reached) Stuck(int last, bool specializes)
    {
        var search = _model.NewSearch(
            Beginning(last), new SearchRules(specializes, RepeatsUnknown: false, KeepsOrder: true));
        var end = _completed[last].CompletedAt;
        var status = SearchStatus.Paused;
        var until = Deadline();
        while (status == SearchStatus.Paused && search.StuckAt < end && !IsPast(until)
            && search.Bytes <= _options.MemoryBytes)
        {
            status = search.Run(StepsAtOnce);
        }
        return status != SearchStatus.Explained
            ? (search.Stuck(), search.StuckAt)
            : throw new InvalidOperationException(
                $"The model {_model.Name} refuses beforehand what there is an order for.");
    }

    /// <summary>False also where that is not found out in time: then a longer part is shown.</summary>
    private bool IsRefuted(int last)
    {
        var judge = new KeyJudge(_model, Beginning(last), new MemoryBudget(_options.MemoryBytes));
        var status = SearchStatus.Paused;
        var until = Deadline();
        while (status == SearchStatus.Paused && !IsPast(until))
        {
            status = judge.Run(StepsAtOnce);
        }
        return status == SearchStatus.Refuted;
    }

    private KeyOperations Beginning(int last)
    {
        var end = _completed[last].CompletedAt;
        return _key with
        {
            Operations = [.. _key.Operations
                .Where(operation => operation.InvokedAt < end)
                .Select(operation => operation.CompletedAt <= end ? operation : WithoutEnd(operation))],
        };
    }

    /// <summary>When to stop a search, counted from the start of the first.</summary>
    private TimeSpan Deadline()
    {
        var now = _options.Time.GetElapsedTime(_start) + LongestSearch;
        return now < _time ? now : _time;
    }

    private bool IsPast(TimeSpan deadline) =>
        _options.Time.GetElapsedTime(_start) >= deadline || _cancellationToken.IsCancellationRequested;

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
