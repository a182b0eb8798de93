using System.Text.Json.Serialization;

namespace Muster.Contracts.Detector;

/// <summary>
/// "I live." Published once per interval and read by every service that counts something on it, through
/// queues of their own: the lock service renews the named sessions, the registry the named leases, and each
/// answers <see cref="HeartbeatAnswered"/> once the renewal is applied; the detectors only listen. One that
/// names neither sessions nor leases is for the detectors alone, and goes to the exchange <c>muster.beats</c>
/// by rights, whose messages reach nobody else. Sent with a message TTL, so that a burst after a stall
/// revives nobody.
/// </summary>
public sealed record Heartbeat
{
    public string Node { get; init; } = "";

    /// <summary>
    /// New at each start of the node's process. Of two processes that beat under one node's name, the
    /// detectors hold to the first for as long as it is heard.
    /// </summary>
    public string Incarnation { get; init; } = "";

    /// <summary>Grows by one with every heartbeat of an incarnation.</summary>
    public long Number { get; init; }

    /// <summary>
    /// The lock sessions to renew, of all lock groups. At most 1,000; each group answers for its own.
    /// </summary>
    public IReadOnlyList<string> Sessions { get; init; } = [];

    /// <summary>The registry leases to renew. At most 1,000.</summary>
    public IReadOnlyList<string> Leases { get; init; } = [];

    /// <summary>
    /// When the next one follows, in milliseconds; 0 (default): this one promises none. The detectors judge
    /// an incarnation from its first promise on, and until it says that it stops.
    /// </summary>
    public long IntervalMilliseconds { get; init; }

    /// <summary>
    /// By how much this one is late by the sender's own clock, in milliseconds: a busy or paused process.
    /// </summary>
    public long LagMilliseconds { get; init; }

    /// <summary>
    /// The sender's inbox queue on the broker, or empty: when the broker says that it deleted that queue, the
    /// sender's connection is gone.
    /// </summary>
    public string Connection { get; init; } = "";

    /// <summary>
    /// The last heartbeat of this incarnation: the process stops on purpose, and its silence is no failure.
    /// </summary>
    public bool IsLast { get; init; }

    /// <summary>Where the answers go; a bare-JSON sender sets <c>reply_to</c> instead.</summary>
    public ReplyAddress? ReplyTo { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<RenewalStatus>))]
public enum RenewalStatus
{
    /// <summary>The session's TTL counts anew from the renewal's entry.</summary>
    Renewed,

    /// <summary>The group knows no such session: it was never opened, was closed, or has expired.</summary>
    Unknown,
}

/// <summary>One group's answer to a heartbeat, after the renewal's entry is applied.</summary>
public sealed record HeartbeatAnswered
{
    public string Group { get; init; } = "";

    public string Node { get; init; } = "";

    public string Incarnation { get; init; } = "";

    /// <summary>The renewal's number: the client counts its TTL from when it SENT that heartbeat.</summary>
    public long Number { get; init; }

    public IReadOnlyList<SessionRenewal> Sessions { get; init; } = [];

    public IReadOnlyList<LeaseRenewal> Leases { get; init; } = [];

    public Freshness Freshness { get; init; } = new();
}

/// <summary>What became of one lease's renewal.</summary>
public sealed record LeaseRenewal
{
    public string LeaseId { get; init; } = "";

    public RenewalStatus Status { get; init; }
}

/// <summary>What the group holds for a session, so that a lost grant is noticed.</summary>
public sealed record SessionRenewal
{
    public string SessionId { get; init; } = "";

    public RenewalStatus Status { get; init; }

    /// <summary>Every lock the session holds.</summary>
    public IReadOnlyList<HeldLock> Grants { get; init; } = [];

    /// <summary>The ids of the acquires and upgrades that still wait.</summary>
    public IReadOnlyList<string> Waits { get; init; } = [];
}

public sealed record HeldLock
{
    /// <summary>Empty: the acquire is of several names.</summary>
    public string Name { get; init; } = "";

    public string AcquireId { get; init; } = "";

    /// <summary>The upgrade that made it exclusive; null: none did.</summary>
    public string? UpgradeId { get; init; }

    public FencingToken FencingToken { get; init; }
}
