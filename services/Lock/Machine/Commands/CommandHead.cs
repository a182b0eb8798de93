using Muster.Contracts;

namespace Muster.Lock.Machine;

/// <summary>
/// What all client commands share: who asks, under which numbers, and where the answer goes.
/// </summary>
internal readonly record struct CommandHead(
    string CommandId, string SessionId, long? Sequence, long AnsweredBelow, ReplyAddress? ReplyTo)
{
    /// <summary>Null for what no client waits for: heartbeats and the service's own commands.</summary>
    public static CommandHead? Of(LockEntryCommand command) => command switch
    {
        { OpenSession: { } open } => new(open.CommandId, open.SessionId, null, 0, open.ReplyTo),
        { CloseSession: { } close } => new(close.CommandId, close.SessionId, null, 0, close.ReplyTo),
        { AcquireLock: { } acquire } => new(
            acquire.CommandId, acquire.SessionId, acquire.Sequence, acquire.AnsweredBelow, acquire.ReplyTo),
        { CancelAcquire: { } cancel } => new(
            cancel.CommandId, cancel.SessionId, cancel.Sequence, cancel.AnsweredBelow, cancel.ReplyTo),
        { ReleaseLock: { } release } => new(
            release.CommandId, release.SessionId, release.Sequence, release.AnsweredBelow, release.ReplyTo),
        { BreakLock: { } breaking } => new(breaking.CommandId, "", null, 0, breaking.ReplyTo),
        { Campaign: { } campaign } => new(
            campaign.CommandId, campaign.SessionId, campaign.Sequence, campaign.AnsweredBelow,
            campaign.ReplyTo),
        { Resign: { } resign } => new(
            resign.CommandId, resign.SessionId, resign.Sequence, resign.AnsweredBelow, resign.ReplyTo),
        _ => null,
    };
}
