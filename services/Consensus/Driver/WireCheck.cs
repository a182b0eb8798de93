using Muster.Contracts.Consensus;

namespace Muster.Consensus.Driver;

/// <summary>
/// Keeps the logs of two bootstraps apart, and builds that speak differently: requests and answers name the
/// log that they are about and the form that they have.
/// </summary>
internal static class WireCheck
{
    /// <summary>Why a request is not for this node; null when it is.</summary>
    /// <remarks>
    /// A node without a log yet may be asked who it is, and nothing else: "empty" would be an answer about a
    /// log that it does not know.
    /// </remarks>
    public static (ConsensusRefusal Reason, string Message)? Problem(object request, string logId)
    {
        var (asked, protocol) = NamesOf(request);
        if (!ConsensusProtocol.Understands(protocol))
        {
            return (ConsensusRefusal.OtherProtocol,
                $"The request is of protocol {protocol}, and this node understands "
                + $"{ConsensusProtocol.Oldest} to {ConsensusProtocol.Spoken}: one of them is of another "
                + "version.");
        }
        if (request is StoreSnapshot && asked.Length == 0)
        {
            return (ConsensusRefusal.Invalid, "logId is empty: which log is this snapshot of?");
        }
        if (asked.Length == 0 || logId.Length == 0 || asked == logId)
        {
            return null;
        }
        return (ConsensusRefusal.OtherLog,
            $"This node keeps the log {logId}, and the request is about the log {asked}: "
            + "the cluster was bootstrapped anew.");
    }

    /// <summary>An answer with the log that it is from, and its form where replicas read it.</summary>
    public static object Stamp(object message, string logId) => message switch
    {
        EntriesProposed one => one with { LogId = logId, Protocol = ConsensusProtocol.Spoken },
        ReadIndexFound one => one with { LogId = logId, Protocol = ConsensusProtocol.Spoken },
        EntriesRead one => one with { LogId = logId, Protocol = ConsensusProtocol.Spoken },
        SnapshotRead one => one with { LogId = logId, Protocol = ConsensusProtocol.Spoken },
        GroupDescription one => one with { LogId = logId, Protocol = ConsensusProtocol.Spoken },
        LeadershipTransferred one => one with { LogId = logId },
        MembersChanged one => one with { LogId = logId },
        ConsensusRefused one => one with { LogId = logId },
        _ => throw new InvalidOperationException($"{message.GetType()} is no answer of a consensus node."),
    };

    private static (string LogId, int Protocol) NamesOf(object request) => request switch
    {
        ProposeEntries one => (one.LogId ?? "", one.Protocol),
        ReadIndex one => (one.LogId ?? "", one.Protocol),
        ReadEntries one => (one.LogId ?? "", one.Protocol),
        ReadSnapshot one => (one.LogId ?? "", one.Protocol),
        StoreSnapshot one => (one.LogId ?? "", one.Protocol),
        DescribeGroup one => ("", one.Protocol),
        TransferLeadership one => (one.LogId ?? "", 0),
        ChangeMembers one => (one.LogId ?? "", 0),
        _ => ("", 0),
    };
}
