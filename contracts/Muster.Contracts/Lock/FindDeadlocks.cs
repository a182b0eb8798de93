namespace Muster.Contracts.Lock;

/// <summary>
/// Who waits for each other in a circle, read linearizably from one group. Answer: <see
/// cref="DeadlocksFound"/>, <see cref="LockRefused"/> or <see cref="LockUnknown"/>. A flow (<see
/// cref="AcquireLock.Flow"/>) waits for whoever holds what it wants, and for whoever is before it in the
/// queue; one that waits for what it holds itself is a circle of one.
/// </summary>
public sealed record FindDeadlocks
{
    /// <inheritdoc cref="DescribeLock.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>Of several lock groups the number of the one that is meant, from 0.</summary>
    public int GroupNumber { get; init; }

    /// <inheritdoc cref="ReleaseLock.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The answer to <see cref="FindDeadlocks"/>, of the one group that was asked.</summary>
public sealed record DeadlocksFound
{
    /// <summary>The id of the query that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>How many groups the lock service has.</summary>
    public int Groups { get; init; }

    /// <summary>At most 100 circles; no flow is in two of them.</summary>
    public IReadOnlyList<Deadlock> Deadlocks { get; init; } = [];

    /// <summary>
    /// At most 10,000 of the group's waits, for who looks for circles over several groups.
    /// </summary>
    public IReadOnlyList<LockWait> Waits { get; init; } = [];

    /// <summary>There are more waits than those here.</summary>
    public bool HasMoreWaits { get; init; }

    /// <inheritdoc cref="LockGranted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>A circle.</summary>
public sealed record Deadlock
{
    /// <summary>Each is blocked by who waits in the next, the last by who waits in the first.</summary>
    public IReadOnlyList<LockWait> Waits { get; init; } = [];
}

/// <summary>A flow waits for another one.</summary>
public sealed record LockWait
{
    /// <summary>The name that is waited for.</summary>
    public string Name { get; init; } = "";

    /// <summary>Who waits.</summary>
    public LockParty Waiter { get; init; } = new();

    /// <summary>Who is in the way.</summary>
    public LockParty Blocker { get; init; } = new();

    /// <summary>The blocker holds the name; else it waits for it too, further in front.</summary>
    public bool IsHeld { get; init; }
}

/// <summary>Who holds or waits.</summary>
public sealed record LockParty
{
    /// <summary>The session that holds or waits; in each group another one of the same client.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>Empty: the session is one flow.</summary>
    public string Flow { get; init; } = "";

    /// <summary>As in <see cref="OpenSession.Owner"/>.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The acquire, campaign or upgrade.</summary>
    public string AcquireId { get; init; } = "";
}
