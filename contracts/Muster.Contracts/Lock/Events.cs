namespace Muster.Contracts.Lock;

/// <summary>
/// A lock went from its holder without a release by it: its session expired or was closed, its node crashed,
/// or the lock was broken. <see cref="Cause"/> is <c>SessionExpired</c>, <c>SessionClosed</c>,
/// <c>SessionCrashed</c> or <c>Broken</c>.
/// </summary>
public sealed record LockLost
{
    public string SessionId { get; init; } = "";

    public string AcquireId { get; init; } = "";

    /// <summary>Empty: several, see <see cref="Names"/>.</summary>
    public string Name { get; init; } = "";

    /// <summary>Null: one, see <see cref="Name"/>.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    public FencingToken FencingToken { get; init; }

    public string Cause { get; init; } = "";

    public EventId Event { get; init; } = new();
}

/// <summary>
/// An election has another leader, or none since the last one resigned or was lost. The leader's token is
/// greater than that of every leader before it.
/// </summary>
public sealed record LeaderChanged
{
    public string Election { get; init; } = "";

    /// <summary>Null: nobody leads now.</summary>
    public ElectionLeader? Leader { get; init; }

    public EventId Event { get; init; } = new();
}

/// <summary>
/// A session ended and was not closed: it was not renewed within its TTL of log time, or the node that it
/// named crashed.
/// </summary>
public sealed record SessionExpired
{
    public string SessionId { get; init; } = "";

    public string Owner { get; init; } = "";

    /// <summary><c>SessionExpired</c> or <c>SessionCrashed</c>, as in <see cref="LockLost.Cause"/>.</summary>
    public string Cause { get; init; } = nameof(SessionExpired);

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
