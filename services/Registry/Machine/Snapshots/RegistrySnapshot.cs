using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Contracts.Registry;
using Muster.Replication.Core;

namespace Muster.Registry.Machine;

/// <summary>
/// The shape of a snapshot of version 2. Every list has one order only, so equal states give equal bytes.
/// </summary>
internal sealed record RegistrySnapshot
{
    /// <summary>Another machine's snapshot may be of a shape that looks like an empty registry.</summary>
    public string Machine { get; init; } = "";

    public Genesis? Genesis { get; init; }

    public long Epoch { get; init; }

    public LogIndex LastIndex { get; init; }

    public long Time { get; init; }

    public long LastLogTime { get; init; }

    public long Revision { get; init; }

    /// <summary>By name, ordinally, the empty ones too.</summary>
    public IReadOnlyList<ServiceSnapshot> Services { get; init; } = [];

    public LogIndex ForgottenUpTo { get; init; }

    /// <summary>By key, ordinally.</summary>
    public IReadOnlyList<ConfigEntry> Config { get; init; } = [];

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<AnswerSnapshot> Answers { get; init; } = [];

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<GroupStateRestored> Restorations { get; init; } = [];

    public OutboxSnapshot Outbox { get; init; } = new();

    public long EventsHead { get; init; }

    public IReadOnlyList<RegistryEvent> Events { get; init; } = [];
}

internal sealed record ServiceSnapshot
{
    public string Name { get; init; } = "";

    public LogIndex ChangedAt { get; init; }

    /// <summary>By id, ordinally.</summary>
    public IReadOnlyList<InstanceSnapshot> Instances { get; init; } = [];
}

internal sealed record InstanceSnapshot
{
    public ServiceInstance View { get; init; } = new();

    public string LeaseId { get; init; } = "";

    public long TtlMilliseconds { get; init; }

    public bool IsRestored { get; init; }

    public long Change { get; init; }

    public long DrainChange { get; init; }

    public long Deadline { get; init; }
}

/// <summary>A remembered answer and the machine time of its recording.</summary>
internal sealed record AnswerSnapshot
{
    public long RecordedAt { get; init; }

    public string CommandId { get; init; } = "";

    public CommandSubject Subject { get; init; } = new("", "", "");

    public RegistryReply Reply { get; init; } = new();

    public bool ShowsInstance { get; init; }

    public bool ShowsKey { get; init; }
}

internal sealed record OutboxSnapshot
{
    public string Owner { get; init; } = "";

    public long Epoch { get; init; }

    public long PublishedUpTo { get; init; }

    public IReadOnlyList<OutboxItem<RegistryEvent, RegistryReply>> Items { get; init; } = [];
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RegistrySnapshot))]
internal sealed partial class RegistrySnapshotJson : JsonSerializerContext;
