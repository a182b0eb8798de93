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
    private readonly ConcurrentQueue<(KeyJudge Judge, int Slice)> _waiting;
    private readonly CheckOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly int _keys;
    private readonly long _start;
    private readonly ConcurrentQueue<KeyJudge> _outOfMemory = new();
    private int _explained;
    private volatile KeyJudge? _refuted;

    public SideBySide(
        Model model, IReadOnlyCollection<KeyOperations> keys, CheckOptions options,
        CancellationToken cancellationToken)
    {
        var budget = new MemoryBudget(options.MemoryBytes);
        _waiting = new(keys.Select(key => (new KeyJudge(model, key, budget), FirstSlice)));
        _keys = keys.Count;
        (_model, _options, _cancellationToken) = (model, options, cancellationToken);
        _start = options.Time.GetTimestamp();
    }

    private bool IsOver =>
        _refuted is not null || _cancellationToken.IsCancellationRequested
        || Left <= TimeSpan.Zero;

    private TimeSpan Left => _options.Timeout - _options.Time.GetElapsedTime(_start);

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
                Failure = new FailingPrefix(_model, refuted.Key, _options, Left, _cancellationToken)
                    .Find(refuted.StuckAt),
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
            switch (RunSlice(next.Judge, next.Slice))
            {
                case SearchStatus.Explained:
                    Interlocked.Increment(ref _explained);
                    break;
                case SearchStatus.Refuted:
                    _refuted = next.Judge;
                    break;
                case SearchStatus.OutOfMemory:
                    _outOfMemory.Enqueue(next.Judge);
                    break;
                default:
                    _waiting.Enqueue((next.Judge, Math.Min(2 * next.Slice, LongestSlice)));
                    break;
            }
        }
    }

    private SearchStatus RunSlice(KeyJudge judge, int slice)
    {
        var status = SearchStatus.Paused;
        while (slice-- > 0 && status == SearchStatus.Paused && !IsOver)
        {
            status = judge.Run(StepsAtOnce);
        }
        return status;
    }

    private string Reason()
    {
        var bytes = _options.MemoryBytes.ToString("N0", CultureInfo.InvariantCulture);
        var seconds = _options.Timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        var parts = new[]
        {
            Named($"not decided within {seconds} s", [.. _waiting.Select(waiting => waiting.Judge)]),
            Named($"not decided within {bytes} bytes", [.. _outOfMemory]),
        };
        return $"of {_keys} keys {string.Join("; ", parts.Where(part => part.Length > 0))}";
    }

    private static string Named(string what, KeyJudge[] judges)
    {
        var named = judges.Take(MostKeysNamed).Select(judge =>
            $"{OperationText.Key(judge.Key.Key)} ({judge.Key.Operations.Count} operations"
            + (judge.StuckAt == long.MinValue ? ")" : $", up to line {judge.StuckAt})"));
        return judges.Length == 0 ? ""
            : $"{judges.Length} {what}: {string.Join(", ", named)}"
                + (judges.Length > MostKeysNamed ? " and others" : "");
    }
}
