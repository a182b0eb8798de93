using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Driver;

/// <summary>The requests that go into a group's core.</summary>
internal static class Requests
{
    private static readonly Dictionary<NodeId, string> NoDisks = [];

    public static RaftInput ToInput(RequestArrived arrived) => arrived.Request switch
    {
        ProposeEntries proposal => new ProposalReceived(arrived.From, proposal),
        ReadIndex read => new ReadIndexReceived(arrived.From, read),
        TransferLeadership transfer => new TransferReceived(arrived.From, transfer),
        ChangeMembers change => new ChangeReceived(arrived.From, change, NoDisks, NoDisks),
        StoreSnapshot snapshot => new SnapshotOffered(snapshot),
        _ => throw new InvalidOperationException($"{arrived.Request.GetType()} is no request."),
    };

    /// <summary>How its sender knows it: by the id in it, or, where it has none, the message's.</summary>
    public static string IdOf(RequestArrived arrived) =>
        IdOf(arrived.Request) is { Length: > 0 } id ? id : arrived.From.RequestId ?? "";

    public static string IdOf(object request) => request switch
    {
        ProposeEntries proposal => proposal.ProposalId,
        ReadIndex read => read.RequestId,
        ReadEntries read => read.RequestId,
        ReadSnapshot read => read.RequestId,
        DescribeGroup question => question.RequestId,
        TransferLeadership transfer => transfer.RequestId,
        ChangeMembers change => change.RequestId,
        _ => "",
    };

    /// <summary>
    /// What is wrong with a request from anybody, before it may touch the core; null when nothing is.
    /// </summary>
    public static string? Problem(object request) => request switch
    {
        ProposeEntries { Payloads: null or [] } => "payloads is empty.",
        ProposeEntries { Payloads: var payloads } when payloads.Contains(null!) => "A payload is null.",
        ChangeMembers { Add: null } or ChangeMembers { Promote: null } or ChangeMembers { Remove: null } =>
            "add, promote and remove are lists of nodes.",
        StoreSnapshot { Payload: null } => "payload is null.",
        StoreSnapshot { Payload.Length: > LogEntry.LargestPayloadBytes and var bytes } =>
            $"The snapshot has {bytes} bytes; at most {LogEntry.LargestPayloadBytes} can be handed on.",
        _ => null,
    };

    public static ConsensusRefused Unknown(RequestArrived arrived) => new()
    {
        Group = arrived.Group,
        RequestId = IdOf(arrived),
        Reason = ConsensusRefusal.UnknownGroup,
        Message = $"This cluster keeps no group '{arrived.Group}'.",
    };

    public static ConsensusRefused NotOpen(RequestArrived arrived) => new()
    {
        Group = arrived.Group,
        RequestId = IdOf(arrived),
        Reason = ConsensusRefusal.NotOpen,
        Message = $"The log of '{arrived.Group}' is its service's; Consensus:OpenGroups does not name it.",
    };

    public static ConsensusRefused Overloaded(RequestArrived arrived) => new()
    {
        Group = arrived.Group,
        RequestId = IdOf(arrived),
        Reason = ConsensusRefusal.Overloaded,
        Message = "Too much waits for this node; try again later.",
    };
}
