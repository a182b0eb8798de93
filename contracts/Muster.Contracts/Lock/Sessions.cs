namespace Muster.Contracts.Lock;

/// <summary>
/// Opens a session: the life that locks hang on. Without renewal (<c>Heartbeat</c>) it ends one TTL after the
/// last one, and its locks pass on; before that, when it names a node that crashes. Answer: <see
/// cref="SessionOpened"/> or <see cref="LockRefused"/>.
/// </summary>
public sealed record OpenSession
{
    /// <summary>
    /// Unique per command, at most 128 characters; a repeat is answered alike and done once.
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// Chosen by the client, unique for ever (a GUID). Of a service with several groups it begins with the
    /// number of the group whose locks the session is for, and a colon: <c>2:</c> and a GUID. See <see
    /// cref="LockGroups"/>; another one is refused (WrongGroup).
    /// </summary>
    public string SessionId { get; init; } = "";

    /// <summary>1,000 to 86,400,000; default 15,000.</summary>
    public long TtlMilliseconds { get; init; } = 15_000;

    /// <summary>Free text for people: host, process, purpose. At most 256 characters.</summary>
    public string Owner { get; init; } = "";

    /// <summary>
    /// When the session expires, its names are granted to nobody for so long: time for what it started to
    /// come to an end, where no fencing token protects it. 0 (default) to 60,000.
    /// </summary>
    public long LockDelayMilliseconds { get; init; }

    /// <summary>
    /// The node, of the client's heartbeats, whose crash ends this session before its TTL has run out: when
    /// the detectors' verdict on its <see cref="Incarnation"/> is that the broker closed its connection while
    /// it beat in time, and that it did not come back (<c>NodeFailed</c> of cause <c>Dead</c>). A process
    /// that lives on all the same may believe in its locks for a while after others have them, and only the
    /// fencing token protects then. Empty (default), as is the incarnation: never, the session lives by its
    /// TTL alone. At most 256 characters.
    /// </summary>
    public string Node { get; init; } = "";

    /// <summary>
    /// With <see cref="Node"/>, and only then: the incarnation in the client's heartbeats. Of another one
    /// nothing ends this session. At most 256 characters.
    /// </summary>
    public string Incarnation { get; init; } = "";

    /// <inheritdoc cref="ReleaseLock.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The session is open, and its TTL counts from now on; of a repeat, it was opened before.</summary>
public sealed record SessionOpened
{
    /// <summary>The id of the command that opened it.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The session's id.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>As it was asked for.</summary>
    public long TtlMilliseconds { get; init; }

    /// <summary>How long after its last renewal its locks are another's at the latest.</summary>
    public TakeoverTime Takeover { get; init; } = new();

    /// <summary>How many groups the lock service has: locks are spread over them by name.</summary>
    public int Groups { get; init; }

    /// <inheritdoc cref="LockGranted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>
/// How long after a session's last renewal its locks are another's at the latest: the sum of the parts, valid
/// while a majority of the consensus nodes and the broker are up. A release on a crash only makes it shorter.
/// </summary>
public sealed record TakeoverTime
{
    /// <summary>The session's TTL.</summary>
    public long TtlMilliseconds { get; init; }

    /// <summary>The session's lock delay.</summary>
    public long LockDelayMilliseconds { get; init; }

    /// <summary>How late the group's time may notice that a deadline is past.</summary>
    public long TickMilliseconds { get; init; }

    /// <summary>
    /// A new leader, should the old one fail at the worst moment: twice the consensus nodes' longest election
    /// time-out, as they had it set when the group was founded.
    /// </summary>
    public long ElectionMilliseconds { get; init; }

    /// <summary>The entry's way to a majority of disks, and the answer's to who waits.</summary>
    public long CommitMilliseconds { get; init; }

    /// <summary>The sum.</summary>
    public long TotalMilliseconds { get; init; }
}

/// <summary>
/// Ends a session; its locks are released and its waits end. Answer:
/// <see cref="SessionClosed"/> or <see cref="LockRefused"/>.
/// </summary>
public sealed record CloseSession
{
    /// <inheritdoc cref="AcquireLock.CommandId"/>
    public string CommandId { get; init; } = "";

    /// <summary>The session to end; one that is not open is refused (SessionUnknown).</summary>
    public string SessionId { get; init; } = "";

    /// <inheritdoc cref="ReleaseLock.ReplyTo"/>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The session is no more; who comes back opens another one, under another id.</summary>
public sealed record SessionClosed
{
    /// <summary>The id of the command that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>The session's id.</summary>
    public string SessionId { get; init; } = "";

    /// <inheritdoc cref="LockGranted.Freshness"/>
    public Freshness Freshness { get; init; } = new();
}
