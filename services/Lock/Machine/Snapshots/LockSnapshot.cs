using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>
/// What is in a snapshot. Every list has one order only, so equal states give equal bytes. Up to version 4 it
/// was written as JSON, whole; now as <see cref="SnapshotWriter"/> says.
/// </summary>
internal sealed record LockSnapshot
{
    public Genesis? Genesis { get; init; }

    /// <summary>0 in what was written before epochs: the first one.</summary>
    public long Epoch { get; init; }

    public LogIndex LastIndex { get; init; }

    public long Time { get; init; }

    public long LastLogTime { get; init; }

    public long LastToken { get; init; }

    public long LastTicket { get; init; }

    /// <summary>By id, ordinally.</summary>
    public IReadOnlyList<SessionSnapshot> Sessions { get; init; } = [];

    /// <summary>Who holds by token, then who waits by ticket, then the upgrades by ticket.</summary>
    public IReadOnlyList<AcquireSnapshot> Acquires { get; init; } = [];

    /// <summary>By name, ordinally; null in version 2.</summary>
    public IReadOnlyList<DelaySnapshot>? Delays { get; init; } = [];

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<AnswerSnapshot> Answers { get; init; } = [];

    public OutboxSnapshot Outbox { get; init; } = new();

    public long EventsHead { get; init; }

    public IReadOnlyList<LockEvent> Events { get; init; } = [];

    /// <summary>Oldest first; null before version 4.</summary>
    public IReadOnlyList<KeptCrash>? Crashes { get; init; } = [];

    /// <summary>Oldest first; null in what was written before there were any.</summary>
    public IReadOnlyList<GroupStateRestored>? Restorations { get; init; } = [];

    /// <summary>
    /// Those with limits, by name, ordinally; null in what was written before there were any. What is in use
    /// is counted from the acquires and delays.
    /// </summary>
    public IReadOnlyList<NamespaceSnapshot>? Namespaces { get; init; } = [];
}

internal sealed record NamespaceSnapshot(string Name, NamespaceLimits Limits);

internal sealed record SessionSnapshot
{
    public string Id { get; init; } = "";

    public string Owner { get; init; } = "";

    public long TtlMilliseconds { get; init; }

    public long LockDelayMilliseconds { get; init; }

    public string OpenedBy { get; init; } = "";

    public long Deadline { get; init; }

    public long AnsweredBelow { get; init; }

    /// <summary>By sequence number.</summary>
    public IReadOnlyList<AnswerSnapshot> Answers { get; init; } = [];

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<Tombstone> Tombstones { get; init; } = [];

    /// <summary>Null: no crash ends it; so before version 4.</summary>
    public string? Node { get; init; }

    public string? Incarnation { get; init; }
}

/// <summary>
/// A remembered answer: <see cref="Key"/> is its sequence number, or the machine time of its recording.
/// </summary>
internal sealed record AnswerSnapshot(
    long Key, string CommandId, CommandSubject Subject, LockReply Reply);

internal sealed record AcquireSnapshot
{
    public string SessionId { get; init; } = "";

    public string Id { get; init; } = "";

    /// <summary>
    /// Null in version 2: exclusively, one <see cref="Name"/> with this <see cref="Value"/>.
    /// </summary>
    public LockClaim? Claim { get; init; }

    public string? Name { get; init; }

    public string? Value { get; init; }

    /// <summary>The id of the hold, of the same session, that this upgrades.</summary>
    public string? Upgrades { get; init; }

    public long? Sequence { get; init; }

    public long Ticket { get; init; }

    public long WaitDeadline { get; init; }

    public long Since { get; init; }

    public FencingToken Token { get; init; }

    public ReplyAddress? ReplyTo { get; init; }

    public string Origin { get; init; } = "";

    public LockReply Reply { get; init; } = new();
}

/// <summary>A name that nobody is granted before a time.</summary>
internal sealed record DelaySnapshot(string Name, int MaxPermits, long Until);

internal sealed record OutboxSnapshot
{
    public string Owner { get; init; } = "";

    public long Epoch { get; init; }

    public long PublishedUpTo { get; init; }

    public IReadOnlyList<OutboxItem<LockEvent, LockReply>> Items { get; init; } = [];
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(LockSnapshot))]
internal sealed partial class LockSnapshotJson : JsonSerializerContext;
