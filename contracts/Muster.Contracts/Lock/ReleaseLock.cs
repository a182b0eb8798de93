namespace Muster.Contracts.Lock;

/// <summary>
/// Gives a lock back, all names of the acquire, and grants it to who is next in the same log entry. Names the
/// acquire and its token, so that a late duplicate releases nobody else's lock. Answer: <see
/// cref="LockReleased"/> or <see cref="LockRefused"/>.
/// </summary>
public sealed record ReleaseLock
{
    public string CommandId { get; init; } = "";

    public string SessionId { get; init; } = "";

    public long? Sequence { get; init; }

    public long AnsweredBelow { get; init; }

    /// <summary>May be empty where the acquire is of several names.</summary>
    public string Name { get; init; } = "";

    /// <summary>The command id of the acquire that was granted, or of the upgrade.</summary>
    public string AcquireId { get; init; } = "";

    public FencingToken FencingToken { get; init; }

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>Answer and event.</summary>
public sealed record LockReleased
{
    public string CommandId { get; init; } = "";

    public string SessionId { get; init; } = "";

    public string AcquireId { get; init; } = "";

    /// <summary>Empty: several, see <see cref="Names"/>.</summary>
    public string Name { get; init; } = "";

    /// <summary>Null: one, see <see cref="Name"/>.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    public FencingToken FencingToken { get; init; }

    public EventId? Event { get; init; }

    public Freshness Freshness { get; init; } = new();
}
