using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Contracts;
using Muster.Contracts.Decisions;
using Muster.Contracts.Recovery;

namespace Muster.Decisions.Machine;

/// <summary>
/// The shape of a snapshot of version 1. Every list has one order only, so equal states give equal bytes.
/// </summary>
internal sealed record DecisionsSnapshot
{
    /// <summary>Another machine's snapshot may be of a shape that looks like an empty one.</summary>
    public string Machine { get; init; } = "";

    public Genesis? Genesis { get; init; }

    public long Epoch { get; init; }

    public LogIndex LastIndex { get; init; }

    public long Time { get; init; }

    public long LastLogTime { get; init; }

    /// <summary>By key, ordinally.</summary>
    public IReadOnlyList<Decision> Decisions { get; init; } = [];

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<GroupStateRestored> Restorations { get; init; } = [];

    public OutboxSnapshot Outbox { get; init; } = new();

    public long EventsHead { get; init; }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<EventSnapshot> Events { get; init; } = [];
}

internal sealed record OutboxSnapshot
{
    public string Owner { get; init; } = "";

    public long Epoch { get; init; }

    public long PublishedUpTo { get; init; }

    /// <summary>Oldest first; numbered on from what is published.</summary>
    public IReadOnlyList<EventSnapshot> Items { get; init; } = [];
}

/// <summary>An event, without what its key's decision says already.</summary>
internal sealed record EventSnapshot
{
    public string Key { get; init; } = "";

    public int Ordinal { get; init; }

    public long Number { get; init; }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(DecisionsSnapshot))]
internal sealed partial class DecisionsSnapshotJson : JsonSerializerContext;
