using System.Diagnostics;
using Xunit;

namespace Muster.Unit.Tests;

/// <summary>Tests that compare times run while no other test does.</summary>
[CollectionDefinition(nameof(MeasuredAlone), DisableParallelization = true)]
public sealed class MeasuredAlone
{
    /// <summary>
    /// The second's cost by the first's: the best of several turns, taken in alternation. What else runs on
    /// the computer slows some of them, never all; what the compiler makes faster meanwhile is so for both.
    /// </summary>
    internal static double Ratio(int turns, Action<int> first, Action<int> second)
    {
        var (best, other) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var turn = 0; turn < turns; turn++)
        {
            best = Min(best, Time(() => first(turn)));
            other = Min(other, Time(() => second(turn)));
        }
        return other / best;
    }

    private static TimeSpan Time(Action work)
    {
        var started = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(started);
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
