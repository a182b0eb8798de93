namespace Muster.Contracts.Lock;

/// <summary>
/// A lock went from its holder without a release by it: its session expired or was closed, its node crashed,
/// or the lock was broken. <see cref="Cause"/> is <c>SessionExpired</c>, <c>SessionClosed</c>,
/// <c>SessionCrashed</c> or <c>Broken</c>.
/// </summary>
public sealed record LockLost
{
    /// <summary>The session that held it.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>The command id of the acquire or campaign.</summary>
    public string AcquireId { get; init; } = "";

    /// <summary>Empty: several, see <see cref="Names"/>.</summary>
    public string Name { get; init; } = "";

    /// <summary>Null: one, see <see cref="Name"/>.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>The token of the grant that is over: what bears it, or a smaller one, is old.</summary>
    public FencingToken FencingToken { get; init; }

    /// <summary>Why; see above.</summary>
    public string Cause { get; init; } = "";

    /// <summary>Its id and its place in the group's stream; the same when it is published twice.</summary>
    public EventId Event { get; init; } = new();
}

/// <summary>
/// An election has another leader, or none since the last one resigned or was lost; or its leader has
/// proclaimed a value, and its token is what it was. Another leader's is greater than those of all before it.
/// </summary>
public sealed record LeaderChanged
{
    /// <summary>As in <see cref="Campaign.Election"/>.</summary>
    public string Election { get; init; } = "";

    /// <summary>Null: nobody leads now.</summary>
    public ElectionLeader? Leader { get; init; }

    /// <inheritdoc cref="LockLost.Event"/>
    public EventId Event { get; init; } = new();
}

/// <summary>
/// A session ended and was not closed: it was not renewed within its TTL of log time, or the node that it
/// named crashed.
/// </summary>
public sealed record SessionExpired
{
    /// <summary>The session's id; its locks are lost, each with an event of its own.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>As in <see cref="OpenSession.Owner"/>.</summary>
    public string Owner { get; init; } = "";

    /// <summary><c>SessionExpired</c> or <c>SessionCrashed</c>, as in <see cref="LockLost.Cause"/>.</summary>
    public string Cause { get; init; } = nameof(SessionExpired);

    /// <inheritdoc cref="LockLost.Event"/>
    public EventId Event { get; init; } = new();
}

/// <summary>
/// The head of the event stream, announced after events and then rarely, so
/// that a lost last event is noticed.
/// </summary>
public sealed record LockEventsHead
{
    /// <summary>The group whose stream it is: <c>lock</c>, <c>lock-1</c> and so on.</summary>
    public string Group { get; init; } = "";

    /// <summary>The group's epoch now.</summary>
    public long Epoch { get; init; } = 1;

    /// <summary>The newest event's number: who has not seen all up to it reads the rest.</summary>
    public long Number { get; init; }
}
