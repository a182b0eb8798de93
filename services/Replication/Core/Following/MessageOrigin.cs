using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// Of which group, log and form a node's message is, whether the node led that log when it spoke, and whether
/// the message holds anything of the log (a refusal does not, and every build understands it).
/// </summary>
internal readonly record struct MessageOrigin(
    string Group, string LogId, int Protocol, bool ByLeader, bool HoldsData)
{
    public static MessageOrigin Of(ReplicaInput input) => input switch
    {
        EntriesCommittedReceived { Message: var one } =>
            new(one.Group, one.LogId ?? "", one.Protocol, true, true),
        LeaderElectedReceived { Message: var one } =>
            new(one.Group, one.LogId ?? "", one.Protocol, true, true),
        GroupDescribed { Message: var one } =>
            new(one.Group, one.LogId ?? "", one.Protocol, one.Role == RaftRole.Leader, true),
        EntriesReadReceived { Message: var one } =>
            new(one.Group, one.LogId ?? "", one.Protocol, false, true),
        SnapshotReadReceived { Message: var one } =>
            new(one.Group, one.LogId ?? "", one.Protocol, false, true),
        ReadIndexFoundReceived { Message: var one } =>
            new(one.Group, one.LogId ?? "", one.Protocol, false, true),
        RefusedReceived { Message: var one } => new(one.Group, one.LogId ?? "", 0, false, false),
        _ => throw new InvalidOperationException($"{input.GetType()} is no message."),
    };
}
