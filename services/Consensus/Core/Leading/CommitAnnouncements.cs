namespace Muster.Consensus.Core;

/// <summary>
/// When a leader repeats its commit index to the replicas: at each of the first heartbeats after it rose,
/// then once a second. A replica that missed the last committed entries notices without anybody keeping
/// acknowledgements.
/// </summary>
internal sealed class CommitAnnouncements
{
    private const int HeartbeatsAfterCommit = 20;
    private const long IdleMilliseconds = 1000;

    private int heartbeats;
    private long announcedAt;

    public void CommitRose() => heartbeats = 0;

    public bool IsDueAtHeartbeat(long now)
    {
        if (heartbeats < HeartbeatsAfterCommit) heartbeats++;
        else if (now - announcedAt < IdleMilliseconds) return false;
        announcedAt = now;
        return true;
    }
}
