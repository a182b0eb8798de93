using Muster.Contracts;

namespace Muster.Replication.Core;

/// <summary>How long known entries have been missing, and since when nothing has come of them.</summary>
internal sealed class GapClock
{
    private long? _behindSince;
    private LogIndex _stuckAt;

    /// <summary>Since something went missing, or since the last entry applied after that.</summary>
    public long StuckSince { get; private set; }

    public long BehindFor(long now) => _behindSince is { } since ? now - since : 0;

    public void Notice(long now, ApplyQueue entries)
    {
        if (!entries.IsBehind)
        {
            _behindSince = null;
        }
        else if (_behindSince is null || entries.Applied != _stuckAt)
        {
            _behindSince ??= now;
            StuckSince = now;
            _stuckAt = entries.Applied;
        }
    }
}
