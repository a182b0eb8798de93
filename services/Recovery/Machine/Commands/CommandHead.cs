using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Recovery.Machine;

/// <summary>What all client commands share: who asks for what, and where the answer goes.</summary>
internal readonly record struct CommandHead(string CommandId, CommandSubject Subject, ReplyAddress? ReplyTo)
{
    /// <summary>Null for what no client waits for.</summary>
    public static CommandHead? Of(RecoveryEntryCommand command) => command switch
    {
        { RegisterPolicy: { } policy } => new(
            policy.CommandId, new(nameof(RegisterPolicy), policy.Group, ""), policy.ReplyTo),
        { RegisterStandby: { } register } => new(
            register.CommandId,
            new(nameof(RegisterStandby), register.Group, register.Member), register.ReplyTo),
        { WithdrawStandby: { } withdraw } => new(
            withdraw.CommandId,
            new(nameof(WithdrawStandby), withdraw.Group, withdraw.Member), withdraw.ReplyTo),
        { PromoteStandby: { } promote } => new(
            promote.CommandId,
            new(nameof(PromoteStandby), promote.Group, promote.Member), promote.ReplyTo),
        { ConfirmPromotion: { } confirm } => new(
            confirm.CommandId,
            new(nameof(ConfirmPromotion), confirm.Group, confirm.Member), confirm.ReplyTo),
        { RemoveGroup: { } remove } => new(
            remove.CommandId, new(nameof(RemoveGroup), remove.Group, ""), remove.ReplyTo),
        { UpdateState: { } update } => new(
            update.CommandId, new(nameof(UpdateState), update.Group, update.Member), update.ReplyTo),
        _ => null,
    };
}
