namespace Muster.Contracts.Lock;

/// <summary>
/// Stands for an election: the lock <c>muster:election:NAME</c> with a value that everybody can read. Answers
/// as for <see cref="AcquireLock"/>: <see cref="LockGranted"/> (leads now), <see cref="LockQueued"/>, <see
/// cref="LockRefused"/> or <see cref="LockUnknown"/>.
/// </summary>
public sealed record Campaign
{
    public string CommandId { get; init; } = "";

    public string SessionId { get; init; } = "";

    public long? Sequence { get; init; }

    public long AnsweredBelow { get; init; }

    /// <summary>1 to 200 bytes of UTF-8, no control characters, compared ordinally.</summary>
    public string Election { get; init; } = "";

    /// <summary>Published with the leadership: an address, a name. At most 1,024 characters.</summary>
    public string Value { get; init; } = "";

    /// <summary>0 (default): only if nobody leads. At most 86,400,000.</summary>
    public long WaitMilliseconds { get; init; }

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// Gives a leadership up; the next candidate leads in the same entry. Answer: <see cref="LockReleased"/>,
/// <see cref="LockRefused"/> or <see cref="LockUnknown"/>.
/// </summary>
public sealed record Resign
{
    public string CommandId { get; init; } = "";

    public string SessionId { get; init; } = "";

    public long? Sequence { get; init; }

    public long AnsweredBelow { get; init; }

    public string Election { get; init; } = "";

    /// <summary>The command id of the campaign that won.</summary>
    public string CampaignId { get; init; } = "";

    public FencingToken FencingToken { get; init; }

    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>
/// Who leads, read linearizably. Answer: <see cref="LeaderObserved"/>, <see cref="LockRefused"/> or <see
/// cref="LockUnknown"/>. Changes are the event <see cref="LeaderChanged"/>.
/// </summary>
public sealed record ObserveLeader
{
    public string CommandId { get; init; } = "";

    public string Election { get; init; } = "";

    public ReplyAddress? ReplyTo { get; init; }
}

public sealed record LeaderObserved
{
    public string CommandId { get; init; } = "";

    public string Election { get; init; } = "";

    /// <summary>Null when nobody leads.</summary>
    public ElectionLeader? Leader { get; init; }

    /// <summary>Candidates that wait behind the leader.</summary>
    public int Candidates { get; init; }

    public Freshness Freshness { get; init; } = new();
}

public sealed record ElectionLeader
{
    public string SessionId { get; init; } = "";

    public string Owner { get; init; } = "";

    public string CampaignId { get; init; } = "";

    public string Value { get; init; } = "";

    public FencingToken FencingToken { get; init; }
}
