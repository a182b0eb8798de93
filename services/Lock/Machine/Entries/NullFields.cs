using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>
/// Fills fields that the bytes leave out or set to null, whatever the types promise: any bus user writes
/// commands, and one missing field must end in a refusal, not in an exception that stops every replica.
/// </summary>
internal static class NullFields
{
    public static LockEntryCommand Fill(LockEntryCommand command) => command switch
    {
        { OpenSession: { } open } => new() { OpenSession = Fill(open) },
        { CloseSession: { } close } => new() { CloseSession = Fill(close) },
        { AcquireLock: { } acquire } => new() { AcquireLock = Fill(acquire) },
        { CancelAcquire: { } cancel } => new() { CancelAcquire = Fill(cancel) },
        { ReleaseLock: { } release } => new() { ReleaseLock = Fill(release) },
        { UpgradeLock: { } upgrade } => new() { UpgradeLock = Fill(upgrade) },
        { BreakLock: { } breaking } => new() { BreakLock = Fill(breaking) },
        { SetNamespaceLimits: { } set } => new() { SetNamespaceLimits = Fill(set) },
        { Campaign: { } campaign } => new() { Campaign = Fill(campaign) },
        { Resign: { } resign } => new() { Resign = Fill(resign) },
        { Proclaim: { } proclaim } => new() { Proclaim = Fill(proclaim) },
        { Heartbeat: { } heartbeat } => new() { Heartbeat = Fill(heartbeat) },
        { NodeCrash: { } crash } => new()
        {
            NodeCrash = crash with { Node = crash.Node ?? "", Incarnation = crash.Incarnation ?? "" },
        },
        { Genesis: { } genesis } => new() { Genesis = Fill(genesis) },
        { OutboxClaim: { } claim } => new() { OutboxClaim = claim with { Replica = claim.Replica ?? "" } },
        { StateRestoration: { } restoration } => new() { StateRestoration = Fill(restoration) },
        _ => command,
    };

    private static OpenSession Fill(OpenSession open) => open with
    {
        CommandId = open.CommandId ?? "",
        SessionId = open.SessionId ?? "",
        Owner = open.Owner ?? "",
        Node = open.Node ?? "",
        Incarnation = open.Incarnation ?? "",
        ReplyTo = Fill(open.ReplyTo),
    };

    private static CloseSession Fill(CloseSession close) => close with
    {
        CommandId = close.CommandId ?? "",
        SessionId = close.SessionId ?? "",
        ReplyTo = Fill(close.ReplyTo),
    };

    private static AcquireLock Fill(AcquireLock acquire) => acquire with
    {
        CommandId = acquire.CommandId ?? "",
        SessionId = acquire.SessionId ?? "",
        Name = acquire.Name ?? "",
        Names = acquire.Names is { } several ? [.. several.Select(name => name ?? "")] : null,
        Flow = acquire.Flow ?? "",
        ReplyTo = Fill(acquire.ReplyTo),
    };

    private static CancelAcquire Fill(CancelAcquire cancel) => cancel with
    {
        CommandId = cancel.CommandId ?? "",
        SessionId = cancel.SessionId ?? "",
        AcquireId = cancel.AcquireId ?? "",
        ReplyTo = Fill(cancel.ReplyTo),
    };

    private static ReleaseLock Fill(ReleaseLock release) => release with
    {
        CommandId = release.CommandId ?? "",
        SessionId = release.SessionId ?? "",
        AcquireId = release.AcquireId ?? "",
        Name = release.Name ?? "",
        ReplyTo = Fill(release.ReplyTo),
    };

    private static UpgradeLock Fill(UpgradeLock upgrade) => upgrade with
    {
        CommandId = upgrade.CommandId ?? "",
        SessionId = upgrade.SessionId ?? "",
        AcquireId = upgrade.AcquireId ?? "",
        Name = upgrade.Name ?? "",
        ReplyTo = Fill(upgrade.ReplyTo),
    };

    private static BreakLock Fill(BreakLock breaking) => breaking with
    {
        CommandId = breaking.CommandId ?? "",
        Name = breaking.Name ?? "",
        ExpectedSession = breaking.ExpectedSession ?? "",
        Reason = breaking.Reason ?? "",
        ReplyTo = Fill(breaking.ReplyTo),
    };

    private static SetNamespaceLimits Fill(SetNamespaceLimits set) => set with
    {
        CommandId = set.CommandId ?? "",
        Namespace = set.Namespace ?? "",
        Limits = set.Limits ?? NamespaceTable.NoLimits,
        ReplyTo = Fill(set.ReplyTo),
    };

    private static Campaign Fill(Campaign campaign) => campaign with
    {
        CommandId = campaign.CommandId ?? "",
        SessionId = campaign.SessionId ?? "",
        Election = campaign.Election ?? "",
        Value = campaign.Value ?? "",
        ReplyTo = Fill(campaign.ReplyTo),
    };

    private static Resign Fill(Resign resign) => resign with
    {
        CommandId = resign.CommandId ?? "",
        SessionId = resign.SessionId ?? "",
        Election = resign.Election ?? "",
        CampaignId = resign.CampaignId ?? "",
        ReplyTo = Fill(resign.ReplyTo),
    };

    private static Proclaim Fill(Proclaim proclaim) => proclaim with
    {
        CommandId = proclaim.CommandId ?? "",
        SessionId = proclaim.SessionId ?? "",
        Election = proclaim.Election ?? "",
        CampaignId = proclaim.CampaignId ?? "",
        Value = proclaim.Value ?? "",
        ReplyTo = Fill(proclaim.ReplyTo),
    };

    private static StateRestoration Fill(StateRestoration restoration) => restoration with
    {
        CommandId = restoration.CommandId ?? "",
        Kind = restoration.Kind ?? "",
        State = restoration.State ?? [],
        Checksum = restoration.Checksum ?? "",
        ReplyTo = Fill(restoration.ReplyTo),
    };

    private static Heartbeat Fill(Heartbeat heartbeat) => heartbeat with
    {
        Node = heartbeat.Node ?? "",
        Incarnation = heartbeat.Incarnation ?? "",
        Sessions = [.. (heartbeat.Sessions ?? []).Select(id => id ?? "")],
        ReplyTo = Fill(heartbeat.ReplyTo),
    };

    /// <summary>A genesis of an entry or of a snapshot.</summary>
    public static Genesis Fill(Genesis genesis) => genesis with
    {
        Epoch = genesis.Epoch == 0 ? Genesis.FirstEpoch : genesis.Epoch,
        ClusterId = genesis.ClusterId ?? "",
        Group = genesis.Group ?? "",
        Groups = genesis.Groups == 0 ? 1 : genesis.Groups,
        Limits = genesis.Limits ?? LockLimits.Default,
        Takeover = genesis.Takeover ?? TakeoverBounds.Default,
    };

    public static ReplyAddress? Fill(ReplyAddress? address) =>
        address is null
            ? null
            : new() { Address = address.Address ?? "", RequestId = address.RequestId ?? "" };
}
