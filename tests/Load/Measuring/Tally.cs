using HdrHistogram;

namespace Muster.Load.Measuring;

/// <summary>Which operations belong to a window.</summary>
internal enum Attribution
{
    /// <summary>Those that ended in it: right when each worker waits for its own answer.</summary>
    ByEnd,

    /// <summary>
    /// Those that were meant to start in it, however late they end: right when load comes at its own rate.
    /// </summary>
    ByStart,
}

/// <summary>
/// Counts and times the operations of one window. Until it is opened nothing counts: that is the warm-up.
/// Thread-safe.
/// </summary>
internal sealed class Tally(string name, Attribution attribution = Attribution.ByEnd)
{
    private const long LongestNanoseconds = 120_000_000_000;

    private readonly Lock _gate = new();
    private readonly LongHistogram _times = new(LongestNanoseconds, numberOfSignificantValueDigits: 3);
    private long _from = long.MaxValue;
    private long _to = long.MaxValue;
    private long _refused;
    private long _unknown;
    private string? _firstProblem;

    /// <summary>What is counted: <c>cycle</c>; empty when the load has only one thing to count.</summary>
    public string Name => name;

    /// <summary>Operations done in the window so far.</summary>
    public long Count
    {
        get
        {
            lock (_gate)
            {
                return _times.TotalCount;
            }
        }
    }

    /// <summary>Operations refused in the window so far.</summary>
    public long RefusedCount
    {
        get
        {
            lock (_gate)
            {
                return _refused;
            }
        }
    }

    public void Open(long at)
    {
        lock (_gate)
        {
            (_from, _to) = (at, long.MaxValue);
        }
    }

    public void Close(long at)
    {
        lock (_gate)
        {
            _to = at;
        }
    }

    /// <summary>Done: acknowledged, as it should be.</summary>
    public void Done(long since) => DoneAt(since, Clock.Now);

    /// <summary>Done at a time that another process, or an earlier moment, has read.</summary>
    public void DoneAt(long since, long ended)
    {
        lock (_gate)
        {
            Record(since, ended);
        }
    }

    /// <summary>Several that were answered by one message.</summary>
    public void Done(long[] since)
    {
        var now = Clock.Now;
        lock (_gate)
        {
            foreach (var one in since)
            {
                Record(one, now);
            }
        }
    }

    /// <summary>
    /// Several that were done one after the other, each too short for the clock: all take their mean.
    /// </summary>
    public void DoneInTurn(long since, int count)
    {
        var now = Clock.Now;
        lock (_gate)
        {
            if (count > 0 && Counts(since, now))
            {
                _times.RecordValueWithCount(
                    Math.Clamp(Clock.Nanoseconds(since, now) / count, 1, LongestNanoseconds), count);
            }
        }
    }

    /// <summary>Answered, and not done.</summary>
    public void Refused(long since, int count, string why) => RefusedAt(since, Clock.Now, why, count);

    public void RefusedAt(long since, long ended, string why, int count = 1)
    {
        lock (_gate)
        {
            if (Counts(since, ended))
            {
                _refused += count;
                _firstProblem ??= why;
            }
        }
    }

    /// <summary>Not answered in time: it may be done or not.</summary>
    public void Unknown(long since, int count, string why) => UnknownAt(since, Clock.Now, why, count);

    public void UnknownAt(long since, long ended, string why, int count = 1)
    {
        lock (_gate)
        {
            if (Counts(since, ended))
            {
                _unknown += count;
                _firstProblem ??= why;
            }
        }
    }

    public Measured Read(TimeSpan window, Cores cores)
    {
        lock (_gate)
        {
            return new Measured
            {
                Seconds = window.TotalSeconds,
                Count = _times.TotalCount,
                PerSecond = _times.TotalCount / window.TotalSeconds,
                P50 = Milliseconds(50),
                P99 = Milliseconds(99),
                P999 = Milliseconds(99.9),
                Refused = _refused,
                Unknown = _unknown,
                FirstProblem = _firstProblem,
                Cores = cores,
            };
        }
    }

    private void Record(long since, long now)
    {
        if (Counts(since, now))
        {
            _times.RecordValue(Math.Clamp(Clock.Nanoseconds(since, now), 1, LongestNanoseconds));
        }
    }

    private bool Counts(long since, long now)
    {
        var at = attribution == Attribution.ByEnd ? now : since;
        return at >= _from && at < _to;
    }

    private double? Milliseconds(double percentile) =>
        _times.TotalCount == 0 ? null : _times.GetValueAtPercentile(percentile) / 1e6;
}
