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
    /// <summary>
    /// The sender's name, one process's alone: 1 to 256 characters. Detectors pass a heartbeat with another
    /// name over; renewals need none, but take no longer one either.
    /// </summary>
    public string Node { get; init; } = "";

    /// <summary>
    /// New at each start of the node's process: 1 to 256 characters. Of two processes that beat under one
    /// node's name, the detectors hold to the first for as long as it is heard.
    /// </summary>
    public string Incarnation { get; init; } = "";

    /// <summary>Grows by one with every heartbeat of an incarnation.</summary>
    public long Number { get; init; }

    /// <summary>
    /// The lock sessions to renew, of all lock groups, at most 10,000. Each group answers for its own, for
    /// 1,000 at a time.
    /// </summary>
    public IReadOnlyList<string> Sessions { get; init; } = [];

    /// <summary>
    /// The registry leases to renew, at most 10,000; answered for 1,000 at a time. A heartbeat with more of
    /// either, or with an id of more than 128 characters, renews nothing.
    /// </summary>
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

/// <summary>What a heartbeat did to a session or lease that it names.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RenewalStatus>))]
public enum RenewalStatus
{
    /// <summary>The TTL, the session's or the lease's, counts anew from the renewal's entry.</summary>
    Renewed,

    /// <summary>
    /// The group knows no such session: it was never opened, was closed, or has expired. Of a lease: nothing
    /// is registered under it.
    /// </summary>
    Unknown,
}

/// <summary>One group's answer to a heartbeat, after the renewal's entry is applied.</summary>
public sealed record HeartbeatAnswered
{
    /// <summary>
    /// The group that answers: <c>lock</c>, <c>lock-1</c>, <c>registry</c>. The client keeps a deadline for
    /// each.
    /// </summary>
    public string Group { get; init; } = "";

    /// <summary>As the heartbeat has it.</summary>
    public string Node { get; init; } = "";

    /// <summary>
    /// As the heartbeat has it: an answer to an earlier process's heartbeat renews nothing of this one's.
    /// </summary>
    public string Incarnation { get; init; } = "";

    /// <summary>The renewal's number: the client counts its TTL from when it SENT that heartbeat.</summary>
    public long Number { get; init; }

    /// <summary>
    /// What became of the sessions of this group, each once and at most 1,000; of a heartbeat with more there
    /// are several answers. Empty in the registry's.
    /// </summary>
    public IReadOnlyList<SessionRenewal> Sessions { get; init; } = [];

    /// <summary>
    /// What became of the leases, each once and at most 1,000; of a heartbeat with more there are several
    /// answers. Empty in the lock service's.
    /// </summary>
    public IReadOnlyList<LeaseRenewal> Leases { get; init; } = [];

    /// <summary>
    /// As of which epoch and index of the group this is. Another epoch than before: the group was restored,
    /// and grants may be gone.
    /// </summary>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>What became of one lease's renewal.</summary>
public sealed record LeaseRenewal
{
    /// <summary>As the heartbeat has it.</summary>
    public string LeaseId { get; init; } = "";

    /// <summary>Unknown: nothing is registered under it, or not any more; register again.</summary>
    public RenewalStatus Status { get; init; }
}

/// <summary>What the group holds for a session, so that a lost grant is noticed.</summary>
public sealed record SessionRenewal
{
    /// <summary>As the heartbeat has it.</summary>
    public string SessionId { get; init; } = "";

    /// <summary>
    /// Unknown: it holds nothing and waits for nothing, and has to be opened anew, under another id.
    /// </summary>
    public RenewalStatus Status { get; init; }

    /// <summary>Every lock the session holds.</summary>
    public IReadOnlyList<HeldLock> Grants { get; init; } = [];

    /// <summary>The ids of the acquires and upgrades that still wait.</summary>
    public IReadOnlyList<string> Waits { get; init; } = [];
}

/// <summary>A lock that a session holds.</summary>
public sealed record HeldLock
{
    /// <summary>Empty: the acquire is of several names.</summary>
    public string Name { get; init; } = "";

    /// <summary>The command id of the acquire or campaign.</summary>
    public string AcquireId { get; init; } = "";

    /// <summary>The upgrade that made it exclusive; null: none did.</summary>
    public string? UpgradeId { get; init; }

    /// <summary>The hold's token now: after an upgrade the upgrade's.</summary>
    public FencingToken FencingToken { get; init; }
}
