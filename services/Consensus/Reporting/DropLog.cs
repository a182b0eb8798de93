namespace Muster.Consensus.Reporting;

/// <summary>
/// Counts dropped messages and lets one line a second through, so that a flood is no flood of lines.
/// </summary>
internal sealed class DropLog(TimeProvider time, Action<string, long> write)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private long _lastLine;
    private long _sinceLine;
    private long _total;

    public long Total => Interlocked.Read(ref _total);

    public void Count(string why)
    {
        Interlocked.Increment(ref _total);
        long count;
        lock (_gate)
        {
            _sinceLine++;
            var now = time.GetTimestamp();
            if (_lastLine != 0 && time.GetElapsedTime(_lastLine, now) < Interval) return;
            _lastLine = now;
            count = _sinceLine;
            _sinceLine = 0;
        }
        write(why, count);
    }
}
