namespace Muster.Contracts.Lock;

/// <summary>
/// Names an event for ever. <see cref="Number"/> counts the stream densely from 1, so a gap is seen; (epoch,
/// index, ordinal) says which entry caused it. Receivers drop what they have seen.
/// </summary>
public sealed record EventId
{
    public string Group { get; init; } = "";

    public long Epoch { get; init; } = 1;

    public LogIndex Index { get; init; }

    public int Ordinal { get; init; }

    public long Number { get; init; }
}

/// <summary>A lock went from its holder without a release by it: its session expired or was closed.</summary>
public sealed record LockLost
{
    public string SessionId { get; init; } = "";

    public string AcquireId { get; init; } = "";

    public string Name { get; init; } = "";

    public FencingToken FencingToken { get; init; }

    public string Cause { get; init; } = "";

    public EventId Event { get; init; } = new();
}

/// <summary>A session was not renewed within its TTL of log time.</summary>
public sealed record SessionExpired
{
    public string SessionId { get; init; } = "";

    public string Owner { get; init; } = "";

    public EventId Event { get; init; } = new();
}

/// <summary>
/// The head of the event stream, announced after events and then rarely, so
/// that a lost last event is noticed.
/// </summary>
public sealed record LockEventsHead
{
    public string Group { get; init; } = "";

    public long Epoch { get; init; } = 1;

    public long Number { get; init; }
}
