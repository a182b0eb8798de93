using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Recovery.Machine;

/// <summary>
/// The shape of a snapshot of version 2. Every list has one order only, so equal states give equal bytes. The
/// groups' states follow it as they are: Base64 would make a full machine too big for a backup.
/// </summary>
internal sealed record RecoverySnapshot
{
    public Genesis? Genesis { get; init; }

    public long Epoch { get; init; }

    public LogIndex LastIndex { get; init; }

    public long Time { get; init; }

    public long LastLogTime { get; init; }

    public long EpochFloor { get; init; }

    /// <summary>By name, ordinally.</summary>
    public IReadOnlyList<GroupSnapshot> Groups { get; init; } = [];

    /// <summary>By node, ordinally.</summary>
    public IReadOnlyList<Verdict> Nodes { get; init; } = [];

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<AnswerSnapshot> Answers { get; init; } = [];

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<GroupStateRestored> Restorations { get; init; } = [];

    public DeliverySnapshot Delivery { get; init; } = new();
}

internal sealed record GroupSnapshot
{
    public string Name { get; init; } = "";

    public long Epoch { get; init; }

    public string Primary { get; init; } = "";

    public long StateVersion { get; init; }

    /// <summary>How many of the bytes behind the snapshot's JSON are its state.</summary>
    public int StateBytes { get; init; }

    public FencingToken FenceToken { get; init; }

    public Policy? Policy { get; init; }

    public PlanSnapshot? Plan { get; init; }

    /// <summary>By name, ordinally.</summary>
    public IReadOnlyList<MemberSnapshot> Members { get; init; } = [];

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<Write> Writes { get; init; } = [];
}

internal sealed record MemberSnapshot
{
    public string Name { get; init; } = "";

    public Identity Identity { get; init; } = new("", "", "", "");

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<Identity> Past { get; init; } = [];

    public long StateVersion { get; init; }

    public bool IsHealthy { get; init; }

    public LogIndex HealthSince { get; init; }
}

internal sealed record PlanSnapshot
{
    public string Id { get; init; } = "";

    public string FailedMember { get; init; } = "";

    public Identity Failed { get; init; } = new("", "", "", "");

    public string Lock { get; init; } = "";

    public RecoveryStep Step { get; init; }

    public long Fences { get; init; }

    public long ClaimEpoch { get; init; }

    public string Claimant { get; init; } = "";

    public long Deadline { get; init; }

    public IReadOnlyList<string> Tried { get; init; } = [];
}

internal sealed record AnswerSnapshot(
    string Id, long RecordedAt, CommandSubject Subject, RecoveryRefusal? Reason, string Message);

/// <summary>The outbox and the event ring.</summary>
internal sealed record DeliverySnapshot
{
    public string Owner { get; init; } = "";

    public long Epoch { get; init; }

    public long PublishedUpTo { get; init; }

    public IReadOnlyList<OutboxItem<RecoveryEvent, RecoveryReply>> Items { get; init; } = [];

    public long EventsHead { get; init; }

    public IReadOnlyList<RecoveryEvent> Events { get; init; } = [];
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RecoverySnapshot))]
internal sealed partial class RecoverySnapshotJson : JsonSerializerContext;
