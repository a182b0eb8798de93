namespace Muster.DistributedLock;

/// <summary>DistributedLock's time-outs: none negative but -1 ms, which is for ever.</summary>
internal static class Timeouts
{
    public static bool IsInfinite(TimeSpan timeout) => timeout == Timeout.InfiniteTimeSpan;

    public static TimeSpan Of(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        return timeout;
    }

    public static TimeSpan? Of(TimeSpan? timeout) =>
        timeout is { } given && !IsInfinite(given) ? Of(given) : null;
}
