using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Muster.Contracts.Registry;
using Muster.Hosting;
using Muster.Lock.Consumers;
using Muster.Recovery.Consumers;
using Muster.Registry.Consumers;
using Muster.Serving;

namespace Muster.Simulator;

/// <summary>A replica's answers over its simulated link.</summary>
internal sealed class LinkReplies(SimulatedProcess owner) : IReplySender
{
    public void Send<T>(ReplyAddress to, T message) where T : class =>
        owner.Link!.Send(to.Address[ReplyAddress.InboxScheme.Length..], message);

    public ReplyBatches<LockReply> NewLockBatches() => new(
        this, replies => new LockReplyBatch { Replies = replies }, LockCommands.Content);

    public ReplyBatches<RegistryReply> NewRegistryBatches() => new(
        this, replies => new RegistryReplyBatch { Replies = replies }, RegistryCommands.Content);

    public ReplyBatches<RecoveryReply> NewRecoveryBatches() => new(
        this, replies => new RecoveryReplyBatch { Replies = replies }, RecoveryCommands.Content);

    public ReplyBatches<DetectorUnknown> NewDetectorBatches() =>
        new(this, replies => replies[0], reply => reply);
}
