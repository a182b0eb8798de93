namespace Muster.Contracts.Lock;

/// <summary>
/// Gives a lock back, all names of the acquire, and grants it to who is next in the same log entry. Names the
/// acquire and its token, so that a late duplicate releases nobody else's lock. Answer: <see
/// cref="LockReleased"/> or <see cref="LockRefused"/>.
/// </summary>
public sealed record ReleaseLock
{
    /// <inheritdoc cref="AcquireLock.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>The open session that holds the lock, else refused (SessionUnknown, NotHolder).</summary>
    public string SessionId { get; init; } = "";

    /// <inheritdoc cref="AcquireLock.Sequence"/>
    public long? Sequence { get; init; }

    /// <inheritdoc cref="AcquireLock.AnsweredBelow"/>
    public long AnsweredBelow { get; init; }

    /// <summary>May be empty where the acquire is of several names.</summary>
    public string Name { get; init; } = "";

    /// <summary>The command id of the acquire that was granted, or of the upgrade.</summary>
    public string AcquireId { get; init; } = "";

    /// <summary>
    /// The token of the hold; of an upgradeable one also its token before the upgrade. Another one is refused
    /// (NotHolder).
    /// </summary>
    public FencingToken FencingToken { get; init; }

    /// <summary>
    /// Where the answer goes. Null: where the message, or else its batch, asks for it; nowhere when neither
    /// does.
    /// </summary>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The lock is given back, and whoever is next holds it already. Answer and event.</summary>
public sealed record LockReleased
{
    /// <summary>The release, resignation or cancel that gave it back.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The session that held it.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>The acquire or campaign whose hold is over; of an upgrade's release the upgrade's.</summary>
    public string AcquireId { get; init; } = "";

    /// <summary>Empty: several, see <see cref="Names"/>.</summary>
    public string Name { get; init; } = "";

    /// <summary>Null: one, see <see cref="Name"/>.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>The hold's token at its end: what bears it, or a smaller one, is old.</summary>
    public FencingToken FencingToken { get; init; }

    /// <summary>Its id and its place in the group's stream.</summary>
    public EventId? Event { get; init; }

    /// <inheritdoc cref="LockGranted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}
