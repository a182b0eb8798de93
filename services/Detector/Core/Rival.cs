using Muster.Contracts.Detector;

namespace Muster.Detector.Core;

/// <summary>
/// The other incarnation that beats under a node's name: the one that follows it, or a late heartbeat of one
/// that was before, or a second process of the same name. Only going on tells them apart.
/// </summary>
/// <param name="incarnation">The newest such.</param>
/// <param name="beatsBefore">Of the node, heard until then.</param>
internal sealed class Rival(string incarnation, long beatsBefore)
{
    private long _countedAt;

    public string Incarnation => incarnation;

    public long BeatsBefore => beatsBefore;

    /// <summary>Those in their time: late ones come all at once, and count as one.</summary>
    public int Beats { get; private set; }

    public bool GoesOn => Beats > 1;

    public Heartbeat? Last { get; private set; }

    public BeatTime LastAt { get; private set; }

    public void Hear(Heartbeat beat, BeatTime at)
    {
        if (beat.Number <= Last?.Number)
        {
            return;
        }
        // Kept for long, perhaps, and its thousands of sessions and leases are the business of others.
        (Last, LastAt) = (beat with { Sessions = [], Leases = [], ReplyTo = null }, at);
        if (Beats == 0 || at.Own - _countedAt >= BeatHistory.IntervalOf(beat) / 2)
        {
            _countedAt = at.Own;
            Beats++;
        }
    }
}
