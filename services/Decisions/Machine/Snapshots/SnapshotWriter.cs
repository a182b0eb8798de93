using System.Text.Json;
using Muster.Contracts.Decisions;

namespace Muster.Decisions.Machine;

/// <summary>
/// The whole state as bytes: a version byte, then JSON, the same for the same state on every replica.
/// </summary>
internal static class SnapshotWriter
{
    public const byte Version = 1;

    public static byte[] Write(DecisionsState state)
    {
        using var stream = new MemoryStream();
        stream.WriteByte(Version);
        JsonSerializer.Serialize(stream, ShapeOf(state), DecisionsSnapshotJson.Default.DecisionsSnapshot);
        return stream.ToArray();
    }

    private static DecisionsSnapshot ShapeOf(DecisionsState state) => new()
    {
        Machine = DecisionsMachine.MachineKind,
        Genesis = state.Genesis,
        Epoch = state.Epoch,
        LastIndex = state.LastIndex,
        Time = state.Clock.Time,
        LastLogTime = state.Clock.LastLogTime,
        Decisions = [.. state.Decisions.All],
        Restorations = [.. state.Restorations.Items],
        Outbox = new()
        {
            Owner = state.Outbox.Owner,
            Epoch = state.Outbox.Epoch,
            PublishedUpTo = state.Outbox.PublishedUpTo,
            Items = [.. state.Outbox.Items.Select(item => ShapeOf(item.Event!))],
        },
        EventsHead = state.Events.Head,
        Events = [.. state.Events.Kept.Select(ShapeOf)],
    };

    private static EventSnapshot ShapeOf(ValueDecided decided) => new()
    {
        Key = decided.Decision.Key,
        Ordinal = decided.Event.Ordinal,
        Number = decided.Event.Number,
    };
}
