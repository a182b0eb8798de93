using Muster.Bus;
using Muster.Contracts.Lock;
using Muster.Hosting;
using Muster.Lock.Consumers;
using Muster.Serving;

namespace Muster.Lock;

/// <summary>The link that the groups' replicas of one process share, and who they are on it.</summary>
/// <param name="Origin">The process's incarnation.</param>
/// <param name="Link">For commands, heartbeats, answers and events.</param>
/// <param name="Sender">Sends answers over it.</param>
internal sealed record LockLane(string Origin, IBusLink Link, IReplySender Sender)
{
    /// <summary>For one thread that gathers.</summary>
    public ReplyBatches<LockReply> Replies() => new(
        Sender, replies => new LockReplyBatch { Replies = replies }, LockCommands.Content,
        LengthOf);

    /// <summary>One answer may be about many names.</summary>
    private static long LengthOf(LockReply reply) =>
        (reply.LockGranted?.Names ?? reply.LockQueued?.Names ?? reply.LockReleased?.Names)?.Sum(
            name => name.Length) ?? 0;
}
