using Microsoft.Extensions.Logging;

namespace Muster.Detector.Judging;

/// <summary>
/// Says that there are nodes that nobody judges here: by their beats, so once a minute at most.
/// </summary>
internal sealed class OverflowNotice(DetectorOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan ToldAgain = TimeSpan.FromMinutes(1);

    private long _seen;
    private long _told;
    private long? _seenAt;
    private long? _toldAt;

    public bool IsRecent => _seenAt is { } at && time.GetElapsedTime(at) < ToldAgain;

    /// <param name="beats">Of more nodes than are judged, so far.</param>
    public void Note(long beats)
    {
        if (beats == _seen)
        {
            return;
        }
        (_seen, _seenAt) = (beats, time.GetTimestamp());
        if (_toldAt is { } told && time.GetElapsedTime(told) < ToldAgain)
        {
            return;
        }
        logger.MoreNodesThanJudged(options.Instance, options.MaxNodes, beats - _told);
        (_told, _toldAt) = (beats, _seenAt);
    }
}
