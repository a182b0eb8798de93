using HdrHistogram;

namespace Muster.Containers.Tests.Measurements;

/// <summary>How often per second, and how long each took.</summary>
internal sealed record Rate(long Count, double PerSecond, double P50Milliseconds, double P99Milliseconds)
{
    private const long LongestMicroseconds = 60_000_000;

    public static LongHistogram NewHistogram() => new(LongestMicroseconds, numberOfSignificantValueDigits: 3);

    public static void Record(LongHistogram times, long since) =>
        times.RecordValue(Math.Max(1, (long)TimeProvider.System.GetElapsedTime(since).TotalMicroseconds));

    public static Rate Of(IEnumerable<LongHistogram> lanes, TimeSpan elapsed)
    {
        var all = NewHistogram();
        foreach (var lane in lanes)
        {
            all.Add(lane);
        }
        return new(
            all.TotalCount, all.TotalCount / elapsed.TotalSeconds,
            all.GetValueAtPercentile(50) / 1000.0, all.GetValueAtPercentile(99) / 1000.0);
    }

    public override string ToString() => FormattableString.Invariant(
        $"{PerSecond,8:F0} /s   p50 {P50Milliseconds,7:F2} ms   p99 {P99Milliseconds,7:F2} ms");
}
