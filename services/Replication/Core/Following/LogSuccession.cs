namespace Muster.Replication.Core;

/// <summary>What a message means to a replica that follows one log.</summary>
internal enum LogRelation
{
    /// <summary>Of the followed log, or of none in particular.</summary>
    Followed,

    /// <summary>The leader of a younger log speaks: the followed one was replaced.</summary>
    Replaced,

    /// <summary>Not of the followed log; nothing in it may touch the machine.</summary>
    Other,
}

/// <summary>
/// Decides which log a replica follows. All consensus nodes may be wiped and bootstrapped anew under a
/// running replica: the same names, another log, with other entries under the same indexes. The rule:
/// <list type="number">
/// <item>Without a log the replica follows the first that a LEADER names. (A node whose disk was emptied,
/// started as a founder, names a log that nobody leads, and that looks younger than the one that lives.)
/// </item>
/// <item>Only what names the followed log is taken; what names none is taken if it holds no data (a
/// refusal).</item>
/// <item>When a LEADER names a younger log, the followed one is over: the replica forgets all it has of it
/// and begins the younger one at index 0. A leader was elected by a majority of that log's disks, so a
/// single emptied or misplaced node moves nobody.</item>
/// <item>Younger means greater by ordinal comparison, because a log's name begins with the time of its
/// bootstrap. So a replica never goes back: late messages of the old log are dropped, and should old nodes
/// come back with a majority of their own, every replica, also one that is started later, ends on the younger
/// of two live logs, without having to remember those it left.</item>
/// </list>
/// A bootstrap under a clock that was set back would name a log that looks older: a running replica stays
/// where it is and says so, and must be started again.
/// </summary>
internal static class LogSuccession
{
    /// <param name="followed">The name of the followed log; empty when the replica follows none.</param>
    /// <param name="origin">Where the message is from.</param>
    public static LogRelation Relate(string followed, MessageOrigin origin)
    {
        if (origin.LogId.Length == 0)
        {
            return origin.HoldsData ? LogRelation.Other : LogRelation.Followed;
        }
        if (origin.LogId == followed || (followed.Length == 0 && origin.ByLeader))
        {
            return LogRelation.Followed;
        }
        var isYounger = string.CompareOrdinal(origin.LogId, followed) > 0;
        return origin.ByLeader && isYounger ? LogRelation.Replaced : LogRelation.Other;
    }
}
