using Muster.Contracts.Consensus;

namespace Muster.Consensus.Driver;

/// <summary>
/// Keeps the logs of two bootstraps apart: requests name the log that they are about, and answers the log
/// that they are from.
/// </summary>
internal static class LogCheck
{
    /// <summary>Why a request is not for this node's log; null when it is.</summary>
    /// <remarks>
    /// A node without a log yet may be asked who it is, and nothing else: "empty" would be an answer about a
    /// log that it does not know.
    /// </remarks>
    public static (ConsensusRefusal Reason, string Message)? Problem(object request, string logId)
    {
        var asked = LogOf(request);
        if (request is StoreSnapshot && asked.Length == 0)
        {
            return (ConsensusRefusal.Invalid, "logId is empty: which log is this snapshot of?");
        }
        if (request is DescribeGroup || asked.Length == 0 || logId.Length == 0 || asked == logId)
        {
            return null;
        }
        return (ConsensusRefusal.OtherLog,
            $"This node keeps the log {logId}, and the request is about the log {asked}: "
            + "the cluster was bootstrapped anew.");
    }

    /// <summary>An answer or event with the log that it is from.</summary>
    public static object Stamp(object message, string logId) => message switch
    {
        EntriesProposed answer => answer with { LogId = logId },
        ReadIndexFound answer => answer with { LogId = logId },
        EntriesRead answer => answer with { LogId = logId },
        SnapshotRead answer => answer with { LogId = logId },
        LeadershipTransferred answer => answer with { LogId = logId },
        MembersChanged answer => answer with { LogId = logId },
        GroupDescription answer => answer with { LogId = logId },
        ConsensusRefused answer => answer with { LogId = logId },
        _ => throw new InvalidOperationException($"{message.GetType()} is no answer of a consensus node."),
    };

    private static string LogOf(object request) => request switch
    {
        ProposeEntries one => one.LogId ?? "",
        ReadIndex one => one.LogId ?? "",
        ReadEntries one => one.LogId ?? "",
        ReadSnapshot one => one.LogId ?? "",
        StoreSnapshot one => one.LogId ?? "",
        TransferLeadership one => one.LogId ?? "",
        ChangeMembers one => one.LogId ?? "",
        _ => "",
    };
}
