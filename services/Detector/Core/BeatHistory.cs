using Muster.Contracts.Detector;

namespace Muster.Detector.Core;

/// <summary>The heartbeats of one incarnation of a node: how they came, and the last of them.</summary>
internal sealed class BeatHistory
{
    /// <summary>Late beats, less those in time since, that make a node slow.</summary>
    private const int SlowAt = 3;

    private const int MostLate = 5;

    private const int MostNameCharacters = 256;

    private int _late;

    public BeatHistory(Heartbeat first, int windowSize)
    {
        LastNumber = first.Number - 1;
        Interval = IntervalOf(first);
        Window = new ArrivalWindow(Interval, windowSize);
    }

    /// <summary>The intervals between them.</summary>
    public ArrivalWindow Window { get; private set; }

    /// <summary>What the node promises, in microseconds.</summary>
    public long Interval { get; private set; }

    public long LastNumber { get; private set; }

    public BeatTime Last { get; private set; }

    public long Count { get; private set; }

    /// <summary>They come, but late, or say themselves that they do.</summary>
    public bool IsSlow { get; private set; }

    /// <summary>Whatever any bus user may send, at most so much of it is kept.</summary>
    public static bool IsUsable(Heartbeat beat) =>
        beat.Node.Length is > 0 and <= MostNameCharacters
        && beat.Incarnation.Length is > 0 and <= MostNameCharacters
        && beat.Connection.Length <= MostNameCharacters
        && beat.Number < long.MaxValue && beat.Number > long.MinValue;

    /// <summary>None came yet; the silence counts from here.</summary>
    public void WaitFrom(BeatTime at) => Last = at;

    /// <param name="beat">The next one.</param>
    /// <param name="at">When it came.</param>
    /// <param name="options">What is late.</param>
    /// <param name="isTrusted">
    /// Whether the silence before it was ordinary: a suspicious one must not teach the window to expect the
    /// next.
    /// </param>
    public void Add(Heartbeat beat, BeatTime at, JudgeOptions options, bool isTrusted)
    {
        if (IntervalOf(beat) != Interval)
        {
            Interval = IntervalOf(beat);
            Window = new ArrivalWindow(Interval, options.WindowSize);
        }
        else if (Count > 0)
        {
            Measure(beat, at, options, isTrusted);
        }
        LastNumber = beat.Number;
        Last = at;
        Count++;
    }

    private void Measure(Heartbeat beat, BeatTime at, JudgeOptions options, bool isTrusted)
    {
        // A pause of the judge's own says nothing of the node, and a beat out of turn nothing of the others.
        var isWhole = at.IsSteady && at.Round == Last.Round && at.Lost == Last.Lost;
        var gap = at.Own - Last.Own;
        if (isWhole && isTrusted && gap >= Interval / 2)
        {
            Window.Add(gap);
        }
        var isLate = beat.LagMilliseconds > options.AcceptablePause / 1_000
            || (isWhole && gap > Interval + options.AcceptablePause);
        _late = Math.Clamp(_late + (isLate ? 1 : -1), 0, MostLate);
        IsSlow = _late >= SlowAt || (IsSlow && _late > 0);
    }

    /// <summary>In microseconds.</summary>
    public static long IntervalOf(Heartbeat beat) =>
        Math.Min(beat.IntervalMilliseconds, ArrivalWindow.LongestInterval / 1_000) * 1_000;
}

/// <summary>When a beat arrived.</summary>
/// <param name="Own">By the judge's own clock, in microseconds.</param>
/// <param name="Heard">In hearing time.</param>
/// <param name="Round">In which round of hearing.</param>
/// <param name="Lost">How much of the own time had not been counted by then.</param>
/// <param name="IsSteady">The judge heard itself shortly before.</param>
internal readonly record struct BeatTime(long Own, long Heard, long Round, long Lost, bool IsSteady);
