namespace Muster.Contracts.Lock;

/// <summary>
/// Stands for an election: the lock <c>muster:election:NAME</c> with a value that everybody can read. Answers
/// as for <see cref="AcquireLock"/>: <see cref="LockGranted"/> (leads now), <see cref="LockQueued"/>, <see
/// cref="LockRefused"/> or <see cref="LockUnknown"/>.
/// </summary>
public sealed record Campaign
{
    /// <inheritdoc cref="AcquireLock.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// An open session, else refused (SessionUnknown). It must be of the election's group (WrongGroup).
    /// </summary>
    public string SessionId { get; init; } = "";

    /// <inheritdoc cref="AcquireLock.Sequence"/>
    public long? Sequence { get; init; }

    /// <inheritdoc cref="AcquireLock.AnsweredBelow"/>
    public long AnsweredBelow { get; init; }

    /// <summary>1 to 200 bytes of UTF-8, no control characters, compared ordinally.</summary>
    public string Election { get; init; } = "";

    /// <summary>Published with the leadership: an address, a name. At most 1,024 characters.</summary>
    public string Value { get; init; } = "";

    /// <summary>0 (default): only if nobody leads. At most 86,400,000.</summary>
    public long WaitMilliseconds { get; init; }

    /// <inheritdoc cref="AcquireLock.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// Gives a leadership up; the next candidate leads in the same entry. Answer: <see cref="LockReleased"/>,
/// <see cref="LockRefused"/> or <see cref="LockUnknown"/>.
/// </summary>
public sealed record Resign
{
    /// <inheritdoc cref="AcquireLock.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>The open session of the campaign, else refused (SessionUnknown).</summary>
    public string SessionId { get; init; } = "";

    /// <inheritdoc cref="AcquireLock.Sequence"/>
    public long? Sequence { get; init; }

    /// <inheritdoc cref="AcquireLock.AnsweredBelow"/>
    public long AnsweredBelow { get; init; }

    /// <summary>As in <see cref="Campaign.Election"/>.</summary>
    public string Election { get; init; } = "";

    /// <summary>The command id of the campaign that won.</summary>
    public string CampaignId { get; init; } = "";

    /// <summary>The token of the leadership; another one is refused (NotHolder).</summary>
    public FencingToken FencingToken { get; init; }

    /// <inheritdoc cref="ReleaseLock.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// The leader publishes another value and leads on, under its token. Answer: <see cref="ValueProclaimed"/>,
/// <see cref="LockRefused"/> or <see cref="LockUnknown"/>; everybody else is told by the event <see
/// cref="LeaderChanged"/>. Of several the last one in the log counts: who does not know what became of one
/// sends it again, under its id, before the next.
/// </summary>
public sealed record Proclaim
{
    /// <inheritdoc cref="AcquireLock.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>The open session of the campaign, else refused (SessionUnknown).</summary>
    public string SessionId { get; init; } = "";

    /// <inheritdoc cref="AcquireLock.Sequence"/>
    public long? Sequence { get; init; }

    /// <inheritdoc cref="AcquireLock.AnsweredBelow"/>
    public long AnsweredBelow { get; init; }

    /// <summary>
    /// As in <see cref="Campaign.Election"/>. Without a leader refused (NotHeld), and to all but the leader
    /// (NotHolder).
    /// </summary>
    public string Election { get; init; } = "";

    /// <summary>The command id of the campaign that won.</summary>
    public string CampaignId { get; init; } = "";

    /// <summary>The token of the leadership; another one is refused (NotHolder).</summary>
    public FencingToken FencingToken { get; init; }

    /// <summary>Instead of the one before; as in <see cref="Campaign.Value"/>.</summary>
    public string Value { get; init; } = "";

    /// <inheritdoc cref="ReleaseLock.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// The answer to <see cref="Proclaim"/>: the leader's value is the new one, unless it has proclaimed another
/// since.
/// </summary>
public sealed record ValueProclaimed
{
    /// <summary>The id of the command that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The session that leads.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>The election's name.</summary>
    public string Election { get; init; } = "";

    /// <summary>The command id of the campaign that won.</summary>
    public string CampaignId { get; init; } = "";

    /// <summary>The leadership's token, which is what it was.</summary>
    public FencingToken FencingToken { get; init; }

    /// <summary>
    /// That of the <see cref="LeaderChanged"/> which publishes the value: of two values the one with the
    /// later place in the stream is newer.
    /// </summary>
    public EventId Event { get; init; } = new();

    /// <inheritdoc cref="LockGranted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>
/// Who leads, read linearizably. Answer: <see cref="LeaderObserved"/>, <see cref="LockRefused"/> or <see
/// cref="LockUnknown"/>. Changes are the event <see cref="LeaderChanged"/>.
/// </summary>
public sealed record ObserveLeader
{
    /// <inheritdoc cref="DescribeLock.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>As in <see cref="Campaign.Election"/>, else refused (NameInvalid).</summary>
    public string Election { get; init; } = "";

    /// <inheritdoc cref="ReleaseLock.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The answer to <see cref="ObserveLeader"/>; an election that nobody knows has no leader.</summary>
public sealed record LeaderObserved
{
    /// <summary>The id of the query that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The election that was asked for.</summary>
    public string Election { get; init; } = "";

    /// <summary>Null when nobody leads.</summary>
    public ElectionLeader? Leader { get; init; }

    /// <summary>Candidates that wait behind the leader.</summary>
    public int Candidates { get; init; }

    /// <inheritdoc cref="LockGranted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>Who leads an election.</summary>
public sealed record ElectionLeader
{
    /// <summary>The session that leads.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>As in <see cref="OpenSession.Owner"/>.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The command id of the campaign that won.</summary>
    public string CampaignId { get; init; } = "";

    /// <summary>
    /// What it published last: <see cref="Campaign.Value"/>, or <see cref="Proclaim.Value"/>; may be empty.
    /// </summary>
    public string Value { get; init; } = "";

    /// <summary>The leadership's token, greater than that of every leader before it.</summary>
    public FencingToken FencingToken { get; init; }
}
