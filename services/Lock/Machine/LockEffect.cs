using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>What one entry sends out, in the order in which it came to be.</summary>
public abstract record LockEffect
{
    private LockEffect()
    {
    }

    /// <summary>A command's direct answer; only the replica that proposed the entry sends it.</summary>
    public sealed record Answer(string CommandId, ReplyAddress? To, LockReply Reply) : LockEffect;

    /// <summary>A heartbeat's answer; only the replica that proposed the entry sends it.</summary>
    public sealed record RenewalAnswer(ReplyAddress? To, HeartbeatAnswered Reply) : LockEffect;

    /// <summary>
    /// What became of a restoration; only the replica that proposed the entry sends it.
    /// </summary>
    public sealed record Restoration(RestorationOutcome Outcome) : LockEffect;

    /// <summary>A verdict, or a copy of it, has done here what it does.</summary>
    public sealed record CrashTaken(NodeCrash Crash) : LockEffect;

    /// <summary>
    /// An item now in the outbox. The outbox's owner publishes it and says so in the log; the replica named
    /// by the item's origin may send its reply at once as well, since the receiver drops the second.
    /// </summary>
    public sealed record Delivery(OutboxItem<LockEvent, LockReply> Item) : LockEffect;

    /// <summary>Something for each replica's own history; it is sent to nobody.</summary>
    public sealed record Noted(LockFact Fact) : LockEffect;
}
