namespace Muster.Bus;

/// <summary>
/// Lets one log line through per interval, so that a flood of bad messages does not become a flood of lines.
/// </summary>
internal sealed class LogThrottle(TimeProvider time, TimeSpan interval)
{
    private readonly Lock _gate = new();
    private long _last;
    private bool _any;
    private long _suppressed;

    /// <summary>Whether to log now, and how many lines were held back since the last one.</summary>
    public bool Allows(out long suppressed)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (_any && time.GetElapsedTime(_last, now) < interval)
            {
                suppressed = 0;
                _suppressed++;
                return false;
            }
            (suppressed, _suppressed, _last, _any) = (_suppressed, 0, now, true);
            return true;
        }
    }
}
