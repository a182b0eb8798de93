using System.Text.Json;

namespace Muster.Detector.Machine;

/// <summary>
/// The whole state as bytes: a version byte, then JSON, the same for the same state on every replica.
/// </summary>
internal static class SnapshotWriter
{
    public const byte Version = 1;

    public static byte[] Write(DetectorState state)
    {
        using var stream = new MemoryStream();
        stream.WriteByte(Version);
        JsonSerializer.Serialize(stream, ShapeOf(state), DetectorSnapshotJson.Default.DetectorSnapshot);
        return stream.ToArray();
    }

    private static DetectorSnapshot ShapeOf(DetectorState state) => new()
    {
        Genesis = state.Genesis,
        Epoch = state.Epoch,
        LastIndex = state.LastIndex,
        Time = state.Clock.Time,
        LastLogTime = state.Clock.LastLogTime,
        SweptTime = state.SweptTime,
        Nodes = [.. state.Nodes.ByName.Values],
        Restorations = [.. state.Restorations.Items],
        Outbox = new()
        {
            Owner = state.Outbox.Owner,
            Epoch = state.Outbox.Epoch,
            PublishedUpTo = state.Outbox.PublishedUpTo,
            Items = [.. state.Outbox.Items],
        },
        EventsHead = state.Events.Head,
        Events = [.. state.Events.Kept],
    };
}
