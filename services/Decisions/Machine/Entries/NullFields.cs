using Muster.Contracts;

namespace Muster.Decisions.Machine;

/// <summary>
/// Fills fields that the bytes leave out or set to null, whatever the types promise: any bus user writes
/// commands, and one missing field must end in a refusal, not in an exception that stops every replica.
/// </summary>
internal static class NullFields
{
    public static DecisionEntryCommand Fill(DecisionEntryCommand command) => command switch
    {
        { ProposeValue: { } propose } => new()
        {
            ProposeValue = propose with
            {
                CommandId = propose.CommandId ?? "",
                Key = propose.Key ?? "",
                Value = propose.Value ?? "",
                Proposer = propose.Proposer ?? "",
                ReplyTo = Fill(propose.ReplyTo),
            },
        },
        { Genesis: { } genesis } => new()
        {
            Genesis = genesis with
            {
                Epoch = genesis.Epoch == 0 ? 1 : genesis.Epoch,
                ClusterId = genesis.ClusterId ?? "",
                Group = genesis.Group ?? "",
                Limits = genesis.Limits ?? DecisionLimits.Default,
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
