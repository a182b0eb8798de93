namespace Muster.Contracts.Lock;

/// <summary>
/// Catches up with the event stream from a number on. Answer: <see cref="LockEventsRead"/>,
/// <see cref="LockRefused"/> or <see cref="LockUnknown"/>.
/// </summary>
public sealed record ReadLockEvents
{
    /// <inheritdoc cref="DescribeLock.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// Whose stream: each lock group has one, and its events name it. Empty (default): that of the only
    /// group; with several it is refused (WrongGroup).
    /// </summary>
    public string Group { get; init; } = "";

    /// <summary>The first event number wanted; 1 is the first ever.</summary>
    public long FromNumber { get; init; } = 1;

    /// <summary>
    /// Of a full view the page behind this grant, the last of the page before: its name, of several names
    /// the first. Empty (default): from the beginning. The events themselves have no pages, and ignore it.
    /// </summary>
    public string AfterName { get; init; } = "";

    /// <summary>That grant's token: of a semaphore and of a shared lock there are several.</summary>
    public FencingToken AfterToken { get; init; }

    /// <inheritdoc cref="ReleaseLock.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// At most 1,000 events from the asked number on, or, when the service no longer keeps that number, a full
/// view: every lock held as of event <see cref="Head"/>. More than fit into one message, some 7,000 grants,
/// come in pages, each as of its own head: the events after the FIRST page's head say what has changed since,
/// of a later page perhaps what it says too, under the same token. Where more events come while pages are
/// read than are kept, read them between two pages: a page is asked for with the number that is gone, events
/// with the next one that is not known. Where <see cref="Freshness"/> has another epoch than the page before,
/// the view begins anew.
/// </summary>
public sealed record LockEventsRead
{
    /// <summary>The id of the query that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <inheritdoc cref="LockEventsHead.Group"/>
    public string Group { get; init; } = "";

    /// <summary>The newest event's number.</summary>
    public long Head { get; init; }

    /// <summary>
    /// In order, without a gap from the asked number on; the newest 4,096 are kept. While the last is below
    /// <see cref="Head"/>, there are more to read; those with many long names are fewer in one answer. Empty
    /// with a full view.
    /// </summary>
    public IReadOnlyList<LockEvent> Events { get; init; } = [];

    /// <summary>The asked events are no longer kept; start again from <see cref="Held"/>.</summary>
    public bool IsFullView { get; init; }

    /// <summary>
    /// Of a full view the grants that are in force, by name in ordinal order and by token; else empty.
    /// </summary>
    public IReadOnlyList<LockGranted> Held { get; init; } = [];

    /// <summary>
    /// Of a full view: there are more grants behind the last one here. Ask again, for the same number, with
    /// <see cref="ReadLockEvents.AfterName"/> and <see cref="ReadLockEvents.AfterToken"/>.
    /// </summary>
    public bool HasMore { get; init; }

    /// <inheritdoc cref="LockGranted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>One event: exactly one of the properties is set.</summary>
public sealed record LockEvent
{
    /// <summary>A grant, at once or after a wait.</summary>
    public LockGranted? LockGranted { get; init; }

    /// <summary>A wait that began.</summary>
    public LockQueued? LockQueued { get; init; }

    /// <summary>A grant that was given back.</summary>
    public LockReleased? LockReleased { get; init; }

    /// <summary>A grant that ended without a release.</summary>
    public LockLost? LockLost { get; init; }

    /// <summary>A session that ended by itself.</summary>
    public SessionExpired? SessionExpired { get; init; }

    /// <summary>An election's new leader, or none.</summary>
    public LeaderChanged? LeaderChanged { get; init; }
}
