using Muster.Contracts;

namespace Muster.Recovery.Machine;

/// <summary>What all client commands share: who asks, about which group, and where the answer goes.</summary>
internal readonly record struct CommandHead(string CommandId, string Group, ReplyAddress? ReplyTo)
{
    /// <summary>Null for what no client waits for.</summary>
    public static CommandHead? Of(RecoveryEntryCommand command) => command switch
    {
        { RegisterPolicy: { } policy } => new(policy.CommandId, policy.Group, policy.ReplyTo),
        { RegisterStandby: { } register } => new(register.CommandId, register.Group, register.ReplyTo),
        { WithdrawStandby: { } withdraw } => new(withdraw.CommandId, withdraw.Group, withdraw.ReplyTo),
        { PromoteStandby: { } promote } => new(promote.CommandId, promote.Group, promote.ReplyTo),
        { ConfirmPromotion: { } confirm } => new(confirm.CommandId, confirm.Group, confirm.ReplyTo),
        { RemoveGroup: { } remove } => new(remove.CommandId, remove.Group, remove.ReplyTo),
        { UpdateState: { } update } => new(update.CommandId, update.Group, update.ReplyTo),
        _ => null,
    };
}
