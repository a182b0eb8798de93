using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Hosting;
using Muster.Lock.Consumers;
using Muster.Serving;

namespace Muster.Simulator;

/// <summary>A replica's answers over its simulated link.</summary>
internal sealed class LinkReplies(SimulatedProcess owner) : IReplySender
{
    public void Send<T>(ReplyAddress to, T message) where T : class =>
        owner.Link!.Send(to.Address[ReplyAddress.InboxScheme.Length..], message);

    public ReplyBatches<LockReply> NewBatches() => new(
        this, replies => new LockReplyBatch { Replies = replies }, LockCommands.Content);
}
