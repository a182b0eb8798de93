using Microsoft.Extensions.Logging;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Reporting;

/// <summary>The log messages of a consensus node; event ids 2000 to 2099.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(2001, LogLevel.Information,
        "{Node} of cluster {ClusterId} runs with disk {DiskId}, members {Members}, groups {Groups}, "
        + "data in {Folder}")]
    public static partial void Started(
        this ILogger logger, NodeId node, string clusterId, string diskId, string members,
        string groups, string folder);

    [LoggerMessage(2002, LogLevel.Information, "{Node} stopped after {Steps} steps and {Commits} commits")]
    public static partial void Stopped(this ILogger logger, NodeId node, long steps, long commits);

    [LoggerMessage(2003, LogLevel.Critical,
        "{Node} fails and says nothing more to anybody: what its disk holds is uncertain")]
    public static partial void Failed(this ILogger logger, NodeId node, Exception failure);

    [LoggerMessage(
        2004, LogLevel.Information, "{Node}: {Group} has {Role} {Node} in term {Term}, leader {Leader}")]
    public static partial void RoleChanged(
        this ILogger logger, NodeId node, string group, RaftRole role, Term term, NodeId leader);

    [LoggerMessage(2005, LogLevel.Information,
        "{Node} leads {Group} in term {Term}, and has committed up to {CommitIndex}")]
    public static partial void Elected(
        this ILogger logger, NodeId node, string group, Term term, LogIndex commitIndex);

    [LoggerMessage(2006, LogLevel.Warning, "{Node} took {Milliseconds} ms to commit {Groups} groups to disk")]
    public static partial void SlowCommit(this ILogger logger, NodeId node, double milliseconds, int groups);

    [LoggerMessage(
        2007, LogLevel.Warning, "{Node}: the event of its election in {Group} was not published: {Reason}")]
    public static partial void EventNotPublished(
        this ILogger logger, NodeId node, string group, string reason);

    [LoggerMessage(2008, LogLevel.Information, "{Node}: connection up as {Incarnation}")]
    public static partial void ConnectionUp(this ILogger logger, NodeId node, string incarnation);

    [LoggerMessage(2009, LogLevel.Warning, "{Node}: connection down: {Reason}")]
    public static partial void ConnectionDown(this ILogger logger, NodeId node, string reason);

    [LoggerMessage(2010, LogLevel.Information, "{Node}: the broker says that {Queue} is gone")]
    public static partial void HintReceived(this ILogger logger, NodeId node, string queue);

    [LoggerMessage(2011, LogLevel.Warning,
        "{Node} dropped {Count} messages since the last such line, the last because {Why}")]
    public static partial void Dropped(this ILogger logger, NodeId node, string why, long count);

    [LoggerMessage(2020, LogLevel.Information,
        "{Node} forms the cluster {ClusterId} and waits for the disks of {Missing}")]
    public static partial void Forming(this ILogger logger, NodeId node, string clusterId, string missing);

    [LoggerMessage(2021, LogLevel.Information, "{Node} knows {Member} by its disk {DiskId}")]
    public static partial void DiskLearned(this ILogger logger, NodeId node, NodeId member, string diskId);

    [LoggerMessage(2022, LogLevel.Information,
        "{Node} knows every member's disk and takes part in the log {LogId}")]
    public static partial void TakesPart(this ILogger logger, NodeId node, string logId);

    [LoggerMessage(2023, LogLevel.Warning,
        "{Node} refuses {Member}: it came with disk {DiskId} and is known by disk {KnownDiskId}. "
        + "Its disk was emptied or replaced")]
    public static partial void DiskOfMemberRefused(
        this ILogger logger, NodeId node, NodeId member, string diskId, string knownDiskId);

    [LoggerMessage(2025, LogLevel.Critical,
        "{Node}: {Member} lost acknowledged entries of {Group}: it denies entry {Denied} and had "
        + "acknowledged up to {Acknowledged}. Its disk forgot, or an old copy of its folder was put in "
        + "place. It is repaired from here, and does not count until it has them again")]
    public static partial void EntriesLost(
        this ILogger logger, NodeId node, NodeId member, string group, LogIndex denied,
        LogIndex acknowledged);

    [LoggerMessage(2026, LogLevel.Critical,
        "{Node}: the stored log of {Group} is damaged after entry {Kept}; it had entries up to {LostUpTo}. "
        + "Until the node has them back from its peers it neither votes nor stands")]
    public static partial void Damaged(
        this ILogger logger, NodeId node, string group, LogIndex kept, LogIndex lostUpTo);

    [LoggerMessage(2027, LogLevel.Warning,
        "{Node}: the log of {Group} is repaired up to entry {CommitIndex}; the node votes again")]
    public static partial void Repaired(this ILogger logger, NodeId node, string group, LogIndex commitIndex);

    [LoggerMessage(2028, LogLevel.Critical,
        "{Node}: {What} of {Group} went bad on the disk while the node ran, and was written anew from memory."
        + " This disk cannot be trusted: replace it")]
    public static partial void Mended(this ILogger logger, NodeId node, string group, string what);

    [LoggerMessage(2029, LogLevel.Information,
        "{Node} heard {Newcomer} with the disk {DiskId}, which no group has: ChangeMembers can add it")]
    public static partial void NewcomerHeard(
        this ILogger logger, NodeId node, NodeId newcomer, string diskId);

    [LoggerMessage(2030, LogLevel.Warning,
        "{Node}: the members of {Group} are now {Members}, by entry {Index}")]
    public static partial void MembersChanged(
        this ILogger logger, NodeId node, string group, string members, LogIndex index);

    [LoggerMessage(2031, LogLevel.Warning,
        "{Node} stood still for {Milliseconds} ms: {Kind}. After an election timeout of it a leader is taken "
        + "for dead")]
    public static partial void Stalled(this ILogger logger, NodeId node, StallKind kind, long milliseconds);

    [LoggerMessage(2032, LogLevel.Information,
        "{Node} takes part {Ready} ms after its process began: its file open after {Opened}, {Entries} "
        + "entries read and checked after {Read}, connected after {Connected}")]
    public static partial void TakesPart(
        this ILogger logger, NodeId node, long ready, long opened, long entries, long read, long connected);

    [LoggerMessage(2024, LogLevel.Error, "{Node} does not take part: {Reason}")]
    public static partial void Refused(this ILogger logger, NodeId node, string reason);
}
