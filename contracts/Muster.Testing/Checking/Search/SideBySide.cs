using System.Collections.Concurrent;
using System.Globalization;

namespace Muster.Testing;

/// <summary>
/// Searches keys on all cores, each for a slice at a time and then the next, so that one that takes for ever
/// keeps no core from one that is refuted soon. The first that is refuted ends all.
/// </summary>
internal sealed class SideBySide
{
    // Between two looks at the clock: some milliseconds.
    private const int StepsAtOnce = 4096;
    private const int FirstSlice = 1;
    private const int LongestSlice = 256;
    private const int MostKeysNamed = 5;

    private readonly Model _model;
    private readonly ConcurrentQueue<(Lazy<KeySearch> Search, int Slice)> _waiting;
    private readonly CheckOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly int _keys;
    private readonly long _start;
    private readonly ConcurrentQueue<Value> _outOfMemory = new();
    private int _explained;
    private volatile KeySearch? _refuted;

    public SideBySide(
        Model model, IReadOnlyCollection<KeyOperations> keys, CheckOptions options,
        CancellationToken cancellationToken)
    {
        var budget = new MemoryBudget(options.MemoryBytes);
        _waiting = new(keys.Select(key => (
            new Lazy<KeySearch>(() => model.NewSearch(key, budget, specializes: true)), FirstSlice)));
        _keys = keys.Count;
        (_model, _options, _cancellationToken) = (model, options, cancellationToken);
        _start = options.Time.GetTimestamp();
    }

    private bool IsOver =>
        _refuted is not null || _cancellationToken.IsCancellationRequested
        || _options.Time.GetElapsedTime(_start) >= _options.Timeout;

    public CheckResult Run()
    {
        var workers = Math.Min(_options.Parallelism, _keys);
        if (workers > 0)
        {
            Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, _ => Work());
        }
        if (_refuted is { } refuted)
        {
            return new CheckResult
            {
                Verdict = Verdict.NotOk,
                Failure = new FailingPrefix(_model, refuted.Key, _options, _cancellationToken)
                    .Find(refuted.Stuck().Blocked.CompletedAt),
                Keys = _keys,
            };
        }
        _cancellationToken.ThrowIfCancellationRequested();
        return _explained == _keys
            ? new CheckResult { Verdict = Verdict.Ok, Keys = _keys }
            : new CheckResult { Verdict = Verdict.Unknown, Reason = Reason(), Keys = _keys };
    }

    /// <summary>
    /// One core. It ends when no key waits: each that is left is on another core then.
    /// </summary>
    private void Work()
    {
        while (!IsOver && _waiting.TryDequeue(out var next))
        {
            switch (RunSlice(next.Search.Value, next.Slice))
            {
                case SearchStatus.Explained:
                    Interlocked.Increment(ref _explained);
                    break;
                case SearchStatus.Refuted:
                    _refuted = next.Search.Value;
                    break;
                case SearchStatus.OutOfMemory:
                    _outOfMemory.Enqueue(next.Search.Value.Key.Key);
                    break;
                default:
                    _waiting.Enqueue((next.Search, Math.Min(2 * next.Slice, LongestSlice)));
                    break;
            }
        }
    }

    private SearchStatus RunSlice(KeySearch search, int slice)
    {
        var status = search.MustGiveUp ? SearchStatus.OutOfMemory : SearchStatus.Paused;
        while (slice-- > 0 && status == SearchStatus.Paused && !IsOver)
        {
            status = search.Run(StepsAtOnce);
        }
        if (status != SearchStatus.Paused)
        {
            search.Release();
        }
        return status;
    }

    private string Reason()
    {
        var undecided = _keys - _explained;
        var bytes = _options.MemoryBytes.ToString("N0", CultureInfo.InvariantCulture);
        var memory = _outOfMemory.IsEmpty ? ""
            : $"{_outOfMemory.Count} reached the bound of {bytes} bytes: "
                + string.Join(", ", _outOfMemory.Take(MostKeysNamed))
                + (_outOfMemory.Count > MostKeysNamed ? " and others" : "");
        var timeout = undecided == _outOfMemory.Count ? ""
            : $"{undecided - _outOfMemory.Count} not decided within {_options.Timeout.TotalSeconds:0.###} s";
        return $"of {_keys} keys "
            + string.Join("; ", new[] { timeout, memory }.Where(part => part.Length > 0));
    }
}
