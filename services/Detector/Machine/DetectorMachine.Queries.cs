using System.Collections.Immutable;
using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Replication.Core;

namespace Muster.Detector.Machine;

/// <summary>
/// What a replica reads between two entries; the caller has seen to it that the state is new enough.
/// </summary>
public sealed partial class DetectorMachine
{
    public const int MaxReadEvents = 1_000;

    public string Kind => MachineKind;

    /// <summary>The group is founded: see <see cref="Genesis"/>.</summary>
    public bool IsInitialized => _state.Genesis is not null;

    public string Group => _state.Genesis?.Group ?? "";

    public LogIndex LastIndex => _state.LastIndex;

    public long StreamEpoch => _state.Epoch;

    public long EventsHead => _state.Events.Head;

    public IOutboxReader<DetectorEvent, DetectorUnknown> Outbox => _state.Outbox;

    /// <summary>All verdicts, with nothing copied.</summary>
    public VerdictView ReadVerdicts() => new()
    {
        Detectors = _state.Genesis?.Detectors ?? [],
        Nodes = _state.Nodes.ByName,
        FreePlaces = Forgetting.FreePlaces(_state),
        Freshness = _state.Freshness,
    };

    /// <summary>Events from a number on, or none when that number is no longer kept.</summary>
    public DetectorEventsRead ReadEvents(ReadDetectorEvents query)
    {
        var isTrimmed = query.FromNumber < _state.Events.First;
        return new()
        {
            CommandId = query.CommandId,
            Group = Group,
            Head = _state.Events.Head,
            Events = isTrimmed ? [] : _state.Events.From(query.FromNumber, MaxReadEvents),
            IsTrimmed = isTrimmed,
            Freshness = _state.Freshness,
        };
    }
}

/// <summary>The verdicts at one index.</summary>
public sealed record VerdictView
{
    /// <summary>The configured detectors; empty before the group is founded.</summary>
    public required IReadOnlyList<string> Detectors { get; init; }

    /// <summary>Every node that lives or is not forgotten yet; by name.</summary>
    public required ImmutableSortedDictionary<string, NodeRecord> Nodes { get; init; }

    /// <summary>
    /// Places that are free, or of who has ended: no more nodes are recorded before they are accused or
    /// leave.
    /// </summary>
    public required int FreePlaces { get; init; }

    public required Freshness Freshness { get; init; }
}
