using Microsoft.Extensions.Logging;
using Muster.Contracts;

namespace Muster.Replication;

internal static partial class ReplicaLog
{
    [LoggerMessage(5001, LogLevel.Information, "Replica {Origin} of {Group}: caught up at {Index}.")]
    public static partial void CaughtUp(this ILogger logger, string origin, string group, LogIndex index);

    [LoggerMessage(
        5002, LogLevel.Warning,
        "Replica {Origin} of {Group}: fell behind at {Index}; {Commit} is committed.")]
    public static partial void FellBehind(
        this ILogger logger, string origin, string group, LogIndex index, LogIndex commit);

    [LoggerMessage(
        5003, LogLevel.Information, "Replica {Origin} of {Group}: the leader is {Leader} in term {Term}.")]
    public static partial void LeaderChanged(
        this ILogger logger, string origin, string group, NodeId leader, Term term);

    [LoggerMessage(5004, LogLevel.Critical, "Replica {Origin} of {Group} stops: {Fault}")]
    public static partial void Faulted(this ILogger logger, string origin, string group, string fault);

    [LoggerMessage(
        5005, LogLevel.Warning, "Replica {Origin} of {Group}: dropped a malformed {Type}: {Reason}")]
    public static partial void Malformed(
        this ILogger logger, string origin, string group, string type, string reason);

    [LoggerMessage(
        5006, LogLevel.Warning, "Replica {Origin} of {Group}: dropped {Count} messages, its queue was full.")]
    public static partial void Dropped(this ILogger logger, string origin, string group, long count);

    [LoggerMessage(
        5007, LogLevel.Warning,
        "Replica {Origin} of {Group}: the log was replaced, {LogId} instead of {OldLogId}; "
        + "it starts from nothing.")]
    public static partial void LogReplaced(
        this ILogger logger, string origin, string group, string logId, string oldLogId);

    [LoggerMessage(
        5008, LogLevel.Error,
        "Replica {Origin} of {Group}: ignores a leader of the log '{OtherLogId}', which is older than the "
        + "followed {LogId}: stop those nodes, or start this replica again if it should follow them.")]
    public static partial void LogIgnored(
        this ILogger logger, string origin, string group, string otherLogId, string logId);

    [LoggerMessage(
        5009, LogLevel.Error,
        "Replica {Origin} of {Group}: {Problem}. A log that is not cut is full one day and takes nothing.")]
    public static partial void SnapshotFailed(
        this ILogger logger, string origin, string group, string problem);

    [LoggerMessage(
        5010, LogLevel.Information, "Replica {Origin} of {Group}: its snapshots are taken again.")]
    public static partial void SnapshotsTaken(this ILogger logger, string origin, string group);

    [LoggerMessage(5011, LogLevel.Critical, "Replica {Origin} of {Group}: {Halt}")]
    public static partial void Halted(this ILogger logger, string origin, string group, string halt);

    [LoggerMessage(
        5012, LogLevel.Warning,
        "Replica {Origin} of {Group}: passed over entry {Index}, which an operator has refused.")]
    public static partial void EntryRefused(
        this ILogger logger, string origin, string group, LogIndex index);

    [LoggerMessage(
        5013, LogLevel.Information, "Replica {Origin} of {Group}: the machine runs at version {Version}.")]
    public static partial void VersionRaised(this ILogger logger, string origin, string group, int version);

    [LoggerMessage(
        5014, LogLevel.Warning,
        "Replica {Origin} of {Group}: its snapshot at {Index} was handed on unconfirmed: no other replica "
        + "told the state's digest in time.")]
    public static partial void SnapshotUnconfirmed(
        this ILogger logger, string origin, string group, LogIndex index);

    [LoggerMessage(5015, LogLevel.Error, "Replica {Origin} of {Group}: {Problem}.")]
    public static partial void OtherProtocol(
        this ILogger logger, string origin, string group, string problem);
}
