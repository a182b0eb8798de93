using System.Text.Json;
using Muster.Replication.Core;

namespace Muster.Detector.Machine;

/// <summary>
/// Builds a state out of a snapshot's bytes; whatever does not fit together is a <see
/// cref="FormatException"/>.
/// </summary>
internal static class SnapshotReader
{
    public static DetectorState Read(ReadOnlySpan<byte> snapshot)
    {
        if (snapshot.IsEmpty || snapshot[0] != SnapshotWriter.Version)
        {
            throw new FormatException(snapshot.IsEmpty
                ? "The detector snapshot is empty."
                : $"A detector snapshot of version {snapshot[0]}; "
                    + $"this build knows {SnapshotWriter.Version}.");
        }
        try
        {
            var shape = JsonSerializer.Deserialize(
                snapshot[1..], DetectorSnapshotJson.Default.DetectorSnapshot);
            return Build(shape ?? throw new FormatException("The detector snapshot is null."));
        }
        // What the tables themselves refuse: a double name, a number out of order, a missing field.
        catch (Exception broken) when (
            broken is JsonException or ArgumentException
                or InvalidOperationException or NullReferenceException)
        {
            throw new FormatException(
                $"The detector snapshot does not fit together: {broken.Message}", broken);
        }
    }

    private static DetectorState Build(DetectorSnapshot shape)
    {
        Require(shape.Genesis is null or { IsValid: true }, "its genesis is out of range");
        Require(shape.Epoch is >= 1 and <= DetectorState.LargestNumber, "its epoch is out of range");
        var state = new DetectorState
        {
            Clock = new MachineClock(shape.Time, shape.LastLogTime),
            Genesis = shape.Genesis,
            Epoch = shape.Epoch,
            LastIndex = shape.LastIndex,
            SweptTime = shape.SweptTime,
            Restorations = new(shape.Restorations),
        };
        foreach (var node in shape.Nodes.Select(Filled))
        {
            Require(node.Incarnation.Length > 0 && Enum.IsDefined(node.Status)
                && node.IntervalMilliseconds >= 0
                && node.Votes.All(vote => Enum.IsDefined(vote.Status) && vote.Detector.Length > 0)
                && node.Spent.All(vote => vote.Detector.Length > 0)
                && node.Past.All(past => past is not null), $"the record of {node.Node} is not whole");
            Require(state.Nodes.Find(node.Node) is null, $"the record of {node.Node} is there twice");
            state.Nodes.Set(node);
        }
        state.Outbox.Restore(shape.Outbox.Owner, shape.Outbox.Epoch, shape.Outbox.PublishedUpTo);
        foreach (var item in shape.Outbox.Items)
        {
            state.Outbox.Add(item);
        }
        Require(shape.Events.Count <= shape.EventsHead, "it has more events than numbers");
        state.Events.Restore(shape.EventsHead, shape.Events);
        return state;
    }

    /// <summary>As older builds wrote it, votes had no numbers.</summary>
    private static NodeRecord Filled(NodeRecord node) => node with
    {
        Votes = [.. node.Votes.Select(Filled)],
        Spent = [.. (node.Spent ?? []).Select(Filled)],
    };

    private static HeldVote Filled(HeldVote vote) => vote with { From = vote.From ?? "" };

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException($"The detector snapshot does not fit together: {otherwise}.");
        }
    }
}
