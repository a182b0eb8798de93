using Muster.Contracts;

namespace Muster.Detector.Machine;

/// <summary>
/// Fills fields that the bytes leave out or set to null, whatever the types promise: a missing field must end
/// in a vote that is ignored, not in an exception that stops every replica.
/// </summary>
internal static class NullFields
{
    public static DetectorEntryCommand Fill(DetectorEntryCommand command) => command switch
    {
        { Vote: { } vote } => new()
        {
            Vote = vote with
            {
                Detector = vote.Detector ?? "",
                Node = vote.Node ?? "",
                Incarnation = vote.Incarnation ?? "",
                Follows = vote.Follows ?? "",
                From = vote.From ?? "",
            },
        },
        { Genesis: { } genesis } => new() { Genesis = Fill(genesis) },
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

    private static Genesis Fill(Genesis genesis) => genesis with
    {
        Epoch = genesis.Epoch == 0 ? 1 : genesis.Epoch,
        ClusterId = genesis.ClusterId ?? "",
        Group = genesis.Group ?? "",
        Detectors = [.. (genesis.Detectors ?? []).Select(name => name ?? "")],
        Limits = genesis.Limits ?? DetectorLimits.Default,
    };

    private static ReplyAddress? Fill(ReplyAddress? address) =>
        address is null
            ? null
            : new() { Address = address.Address ?? "", RequestId = address.RequestId ?? "" };
}
