using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>
/// A snapshot on its way to one follower, in parts that follow each other without waiting, some of them under
/// way at a time. What is lost shows by no part being taken any more.
/// </summary>
internal sealed class OutgoingSnapshot(GroupSnapshot snapshot, int partBytes, long firstRequestId)
{
    private const int PartsUnderWay = 8;

    // Heartbeats without a word of progress, after which what is under way counts as lost.
    private const int StallTicks = 3;

    private int sent;
    private int taken;
    private long takenBy;
    private int silentTicks;
    private bool hasBegun;

    public GroupSnapshot Snapshot => snapshot;

    private int Total => snapshot.Payload.Length;

    private int LastPart => Math.Max(0, (Total - 1) / partBytes) * partBytes;

    /// <summary>The next part that may leave now; null while there is none.</summary>
    public (int Offset, byte[] Data)? NextPart()
    {
        var isWindowFull = sent - taken >= PartsUnderWay * partBytes;
        if (isWindowFull || (sent >= Total && hasBegun)) return null;
        hasBegun = true;
        var offset = sent;
        sent = Math.Min(Total, offset + partBytes);
        return (offset, snapshot.Payload[offset..sent]);
    }

    /// <summary>The follower has so many bytes; less than before when it has started anew.</summary>
    public void Answered(int received, long requestId)
    {
        if (requestId < firstRequestId || requestId < takenBy || received > Total) return;
        if (received == taken) return;
        if (received < taken) sent = received;
        (taken, takenBy, silentTicks) = (received, requestId, 0);
        sent = Math.Max(sent, taken);
    }

    /// <summary>A heartbeat passes.</summary>
    public void Tick()
    {
        if (++silentTicks < StallTicks) return;
        silentTicks = 0;

        // All of it taken and no word that it is stored: the last part asks again.
        sent = Math.Min(taken, LastPart);
        hasBegun = false;
    }
}
