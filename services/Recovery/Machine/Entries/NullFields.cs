using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Recovery.Machine;

/// <summary>
/// Fills fields that the bytes leave out or set to null, whatever the types promise: one missing field must
/// end in a refusal, not in an exception that stops every replica.
/// </summary>
internal static class NullFields
{
    public static RecoveryEntryCommand Fill(RecoveryEntryCommand command) => command switch
    {
        { RegisterPolicy: { } policy } => new() { RegisterPolicy = Fill(policy) },
        { RegisterStandby: { } register } => new() { RegisterStandby = Fill(register) },
        { WithdrawStandby: { } withdraw } => new() { WithdrawStandby = Fill(withdraw) },
        { PromoteStandby: { } promote } => new() { PromoteStandby = Fill(promote) },
        { ConfirmPromotion: { } confirm } => new() { ConfirmPromotion = Fill(confirm) },
        { RemoveGroup: { } remove } => new() { RemoveGroup = Fill(remove) },
        { UpdateState: { } update } => new() { UpdateState = Fill(update) },
        { NodeFailed: { } failed } => new() { NodeFailed = Fill(failed) },
        { NodeRestored: { } restored } => new() { NodeRestored = Fill(restored) },
        { NodeLeft: { } left } => new() { NodeLeft = Fill(left) },
        { ClaimRecovery: { } claim } => new()
        {
            ClaimRecovery = claim with { RecoveryId = claim.RecoveryId ?? "", Replica = claim.Replica ?? "" },
        },
        { StepDone: { } done } => new() { StepDone = done with { RecoveryId = done.RecoveryId ?? "" } },
        { Group: { } group } => new() { Group = Fill(group) },
        _ => command,
    };

    private static RegisterPolicy Fill(RegisterPolicy policy) => policy with
    {
        CommandId = policy.CommandId ?? "",
        Group = policy.Group ?? "",
        Lock = policy.Lock ?? "",
        ReplyTo = Fill(policy.ReplyTo),
    };

    private static RegisterStandby Fill(RegisterStandby register) => register with
    {
        CommandId = register.CommandId ?? "",
        Group = register.Group ?? "",
        Member = register.Member ?? "",
        Node = register.Node ?? "",
        Incarnation = register.Incarnation ?? "",
        SessionId = register.SessionId ?? "",
        Membership = register.Membership ?? "",
        ReplyTo = Fill(register.ReplyTo),
    };

    private static WithdrawStandby Fill(WithdrawStandby withdraw) => withdraw with
    {
        CommandId = withdraw.CommandId ?? "",
        Group = withdraw.Group ?? "",
        Member = withdraw.Member ?? "",
        Membership = withdraw.Membership ?? "",
        ReplyTo = Fill(withdraw.ReplyTo),
    };

    private static PromoteStandby Fill(PromoteStandby promote) => promote with
    {
        CommandId = promote.CommandId ?? "",
        Group = promote.Group ?? "",
        Member = promote.Member ?? "",
        ReplyTo = Fill(promote.ReplyTo),
    };

    private static ConfirmPromotion Fill(ConfirmPromotion confirm) => confirm with
    {
        CommandId = confirm.CommandId ?? "",
        Group = confirm.Group ?? "",
        Member = confirm.Member ?? "",
        ReplyTo = Fill(confirm.ReplyTo),
    };

    private static RemoveGroup Fill(RemoveGroup remove) => remove with
    {
        CommandId = remove.CommandId ?? "",
        Group = remove.Group ?? "",
        ReplyTo = Fill(remove.ReplyTo),
    };

    private static UpdateState Fill(UpdateState update) => update with
    {
        CommandId = update.CommandId ?? "",
        Group = update.Group ?? "",
        Member = update.Member ?? "",
        State = update.State ?? [],
        ReplyTo = Fill(update.ReplyTo),
    };

    private static NodeFailed Fill(NodeFailed failed) => failed with
    {
        Node = failed.Node ?? "",
        Incarnation = failed.Incarnation ?? "",
        Event = failed.Event ?? new(),
    };

    private static NodeRestored Fill(NodeRestored restored) => restored with
    {
        Node = restored.Node ?? "",
        Incarnation = restored.Incarnation ?? "",
        Event = restored.Event ?? new(),
    };

    private static NodeLeft Fill(NodeLeft left) => left with
    {
        Node = left.Node ?? "",
        Incarnation = left.Incarnation ?? "",
        Event = left.Event ?? new(),
    };

    private static GroupCommand Fill(GroupCommand command) => command switch
    {
        { Genesis: { } genesis } => new()
        {
            Genesis = genesis with
            {
                ClusterId = genesis.ClusterId ?? "",
                Group = genesis.Group ?? "",
                Limits = genesis.Limits ?? RecoveryLimits.Default,
            },
        },
        { OutboxClaim: { } claim } => new() { OutboxClaim = claim with { Replica = claim.Replica ?? "" } },
        { StateRestoration: { } restoration } => new()
        {
            StateRestoration = restoration with
            {
                CommandId = restoration.CommandId ?? "",
                Kind = restoration.Kind ?? "",
                State = restoration.State ?? [],
                Checksum = restoration.Checksum ?? "",
                ReplyTo = Fill(restoration.ReplyTo),
            },
        },
        _ => command,
    };

    private static ReplyAddress? Fill(ReplyAddress? address) =>
        address is null
            ? null
            : new() { Address = address.Address ?? "", RequestId = address.RequestId ?? "" };
}
