namespace Muster.Contracts.Lock;

/// <summary>
/// What happened to a lock or in a session, one group's, page by page. Answer: <see cref="LockHistoryRead"/>,
/// <see cref="LockRefused"/> or <see cref="LockUnknown"/>. Whichever replica answers has all that was
/// acknowledged before the query; how far back its history goes is in the answer.
/// </summary>
public sealed record ReadLockHistory
{
    /// <inheritdoc cref="DescribeLock.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// Of several lock groups the number of the one that is meant, from 0; not read when a name or a session
    /// says it.
    /// </summary>
    public int GroupNumber { get; init; }

    /// <summary>
    /// Only of this lock (an election's is <c>muster:election:NAME</c>); empty (default): of any, and the
    /// ends of sessions.
    /// </summary>
    public string Name { get; init; } = "";

    /// <summary>Only of this session; empty (default): of any.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>Only of the grant under this token; none (0, default): of any.</summary>
    public FencingToken FencingToken { get; init; }

    /// <summary>
    /// Only what the replica applied then or later, by its own clock. Null (default): no limit.
    /// </summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only what it applied before. Null (default): no limit.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The newest first; false (default): the oldest.</summary>
    public bool NewestFirst { get; init; }

    /// <summary>
    /// Goes on behind the entry of this index and <see cref="AfterOrdinal"/>, the last of the page before,
    /// whichever replica gave that; none (0, default): begins.
    /// </summary>
    public LogIndex AfterIndex { get; init; }

    /// <summary>With <see cref="AfterIndex"/>: that entry's ordinal. 0 (default) or more.</summary>
    public int AfterOrdinal { get; init; }

    /// <summary>1 to 1,000, default 100. A page of long names may have fewer.</summary>
    public int Limit { get; init; } = 100;

    /// <inheritdoc cref="ReleaseLock.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>A page of a group's history, as one replica of it has recorded it.</summary>
public sealed record LockHistoryRead
{
    /// <summary>The id of the query that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="LockEventsHead.Group"/>
    public string Group { get; init; } = "";

    /// <summary>How many groups the lock service has.</summary>
    public int Groups { get; init; }

    /// <summary>
    /// In the asked order, at most the asked limit; empty: nothing that was asked for is recorded after that.
    /// </summary>
    public IReadOnlyList<LockHistoryEntry> Entries { get; init; } = [];

    /// <summary>There are more behind the last one here.</summary>
    public bool HasMore { get; init; }

    /// <summary>
    /// The replica's history begins with this log index: what was before it has not seen, or forgotten.
    /// </summary>
    public LogIndex SinceIndex { get; init; }

    /// <summary>When it applied that, by its own clock. Null: it has applied nothing yet.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>
    /// Where something is missing between its beginning and its end, the newest first, 100 at most.
    /// </summary>
    public IReadOnlyList<LockHistoryGap> Gaps { get; init; } = [];

    /// <inheritdoc cref="LockGranted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>Log entries of which the history does not say what they did.</summary>
public sealed record LockHistoryGap
{
    /// <summary>The first of them.</summary>
    public LogIndex FromIndex { get; init; }

    /// <summary>The last one.</summary>
    public LogIndex ToIndex { get; init; }

    /// <summary>Why they are missing.</summary>
    public LockHistoryGapCause Cause { get; init; }

    /// <summary>When the replica noticed it, by its own clock.</summary>
    public DateTimeOffset At { get; init; }
}
