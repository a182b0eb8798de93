using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Detector.Machine;

/// <summary>
/// The shape of a snapshot of version 1. Every list has one order only, so equal states give equal bytes.
/// </summary>
internal sealed record DetectorSnapshot
{
    public Genesis? Genesis { get; init; }

    public long Epoch { get; init; }

    public LogIndex LastIndex { get; init; }

    public long Time { get; init; }

    public long LastLogTime { get; init; }

    public long SweptTime { get; init; }

    /// <summary>By name, ordinally.</summary>
    public IReadOnlyList<NodeRecord> Nodes { get; init; } = [];

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<GroupStateRestored> Restorations { get; init; } = [];

    public OutboxSnapshot Outbox { get; init; } = new();

    public long EventsHead { get; init; }

    public IReadOnlyList<DetectorEvent> Events { get; init; } = [];
}

internal sealed record OutboxSnapshot
{
    public string Owner { get; init; } = "";

    public long Epoch { get; init; }

    public long PublishedUpTo { get; init; }

    public IReadOnlyList<OutboxItem<DetectorEvent, DetectorUnknown>> Items { get; init; } = [];
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(DetectorSnapshot))]
internal sealed partial class DetectorSnapshotJson : JsonSerializerContext;
