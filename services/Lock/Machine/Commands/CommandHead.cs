using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>
/// What all client commands share: who asks for what, under which numbers, and where the answer goes.
/// </summary>
internal readonly record struct CommandHead(
    string CommandId, CommandSubject Subject, long? Sequence, long AnsweredBelow, ReplyAddress? ReplyTo)
{
    /// <summary>Empty for what is of no session.</summary>
    public string SessionId => Subject.Owner;

    /// <summary>Null for what no client waits for: heartbeats and the service's own commands.</summary>
    public static CommandHead? Of(LockEntryCommand command) => command switch
    {
        { OpenSession: { } open } => new(
            open.CommandId, new(nameof(OpenSession), open.SessionId, ""), null, 0, open.ReplyTo),
        { CloseSession: { } close } => new(
            close.CommandId, new(nameof(CloseSession), close.SessionId, ""), null, 0, close.ReplyTo),
        { AcquireLock: { } acquire } => new(
            acquire.CommandId,
            new(nameof(AcquireLock), acquire.SessionId, LockClaim.Of(acquire).Text),
            acquire.Sequence, acquire.AnsweredBelow, acquire.ReplyTo),
        { CancelAcquire: { } cancel } => new(
            cancel.CommandId, new(nameof(CancelAcquire), cancel.SessionId, cancel.AcquireId),
            cancel.Sequence, cancel.AnsweredBelow, cancel.ReplyTo),
        { ReleaseLock: { } release } => new(
            release.CommandId, new(nameof(ReleaseLock), release.SessionId, release.Name),
            release.Sequence, release.AnsweredBelow, release.ReplyTo),
        { UpgradeLock: { } upgrade } => new(
            upgrade.CommandId,
            new(nameof(UpgradeLock), upgrade.SessionId, UpgradeCommands.ClaimOf(upgrade).Text),
            upgrade.Sequence, upgrade.AnsweredBelow, upgrade.ReplyTo),
        { BreakLock: { } breaking } => new(
            breaking.CommandId, new(nameof(BreakLock), "", breaking.Name), null, 0, breaking.ReplyTo),
        { SetNamespaceLimits: { } set } => new(
            set.CommandId, new(nameof(SetNamespaceLimits), "", NamespaceCommands.TextOf(set)), null, 0,
            set.ReplyTo),
        { Campaign: { } campaign } => new(
            campaign.CommandId,
            new(nameof(Campaign), campaign.SessionId, LockGroups.LockOfElection(campaign.Election)),
            campaign.Sequence, campaign.AnsweredBelow, campaign.ReplyTo),
        { Resign: { } resign } => new(
            resign.CommandId,
            new(nameof(Resign), resign.SessionId, LockGroups.LockOfElection(resign.Election)),
            resign.Sequence, resign.AnsweredBelow, resign.ReplyTo),
        { Proclaim: { } proclaim } => new(
            proclaim.CommandId,
            new(nameof(Proclaim), proclaim.SessionId, LockGroups.LockOfElection(proclaim.Election)),
            proclaim.Sequence, proclaim.AnsweredBelow, proclaim.ReplyTo),
        _ => null,
    };
}
