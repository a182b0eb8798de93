namespace Muster.Load.Measuring;

/// <summary>The monotonic clock that every time here is read from.</summary>
internal static class Clock
{
    private static readonly double NanosecondsPerTick = 1e9 / TimeProvider.System.TimestampFrequency;

    public static long Now => TimeProvider.System.GetTimestamp();

    public static TimeSpan Since(long timestamp) => TimeProvider.System.GetElapsedTime(timestamp);

    public static long After(long timestamp, TimeSpan time) =>
        timestamp + (long)(time.TotalSeconds * TimeProvider.System.TimestampFrequency);

    public static long Nanoseconds(long from, long to) => (long)((to - from) * NanosecondsPerTick);

    public static Task Wait(TimeSpan time, CancellationToken cancellationToken) =>
        Task.Delay(time, TimeProvider.System, cancellationToken);
}
