using System.Text.Json.Serialization;

namespace Muster.Contracts.Consensus;

/// <summary>What an entry is to the replicas of its group.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EntryKind>))]
public enum EntryKind
{
    /// <summary>
    /// Appended by a new leader so that it can commit (Raft section 5.4.2 and 8);
    /// machines take only its time.
    /// </summary>
    Empty,

    /// <summary>Proposed by a replica; the machine reads the payload.</summary>
    Command,

    /// <summary>A <see cref="GroupMembership"/>, as JSON; machines take only its time.</summary>
    Membership,
}

/// <summary>One entry of a group's log.</summary>
public sealed record LogEntry
{
    /// <summary>
    /// The most that an entry or a snapshot may have: in base64 it fits into one message of the broker's
    /// (16 MiB), also into those that carry it on to nodes and replicas.
    /// </summary>
    public const int LargestPayloadBytes = 11 * 1024 * 1024;

    /// <summary>Where it stands; the first entry is 1.</summary>
    public LogIndex Index { get; init; }

    /// <summary>The term of the leader that appended it; never less than that of the entry before.</summary>
    public Term Term { get; init; }

    /// <summary>
    /// Milliseconds of log time, stamped by the leader; never less than that of the entry before.
    /// </summary>
    public long LogTime { get; init; }

    /// <summary>What replicas make of it; those of all kinds have an index and a log time.</summary>
    public EntryKind Kind { get; init; }

    /// <summary>Opaque to consensus; <see cref="LargestPayloadBytes"/> at most.</summary>
    public byte[] Payload { get; init; } = [];
}
