namespace Muster.Contracts.Lock;

/// <summary>
/// Catches up with the event stream from a number on. Answer: <see cref="LockEventsRead"/>,
/// <see cref="LockRefused"/> or <see cref="LockUnknown"/>.
/// </summary>
public sealed record ReadLockEvents
{
    public string CommandId { get; init; } = "";

    /// <summary>
    /// Whose stream: each lock group has one, and its events name it. Empty (default): that of the only
    /// group; with several it is refused (WrongGroup).
    /// </summary>
    public string Group { get; init; } = "";

    /// <summary>The first event number wanted; 1 is the first ever.</summary>
    public long FromNumber { get; init; } = 1;

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// At most 1,000 events from the asked number on, or, when the service no longer keeps that number, a full
/// view: every lock held as of event <see cref="Head"/>.
/// </summary>
public sealed record LockEventsRead
{
    public string CommandId { get; init; } = "";

    public string Group { get; init; } = "";

    /// <summary>The newest event's number.</summary>
    public long Head { get; init; }

    public IReadOnlyList<LockEvent> Events { get; init; } = [];

    /// <summary>The asked events are no longer kept; start again from <see cref="Held"/>.</summary>
    public bool IsFullView { get; init; }

    public IReadOnlyList<LockGranted> Held { get; init; } = [];

    public Freshness Freshness { get; init; } = new();
}

/// <summary>One event: exactly one of the properties is set.</summary>
public sealed record LockEvent
{
    public LockGranted? LockGranted { get; init; }

    public LockQueued? LockQueued { get; init; }

    public LockReleased? LockReleased { get; init; }

    public LockLost? LockLost { get; init; }

    public SessionExpired? SessionExpired { get; init; }

    public LeaderChanged? LeaderChanged { get; init; }
}
