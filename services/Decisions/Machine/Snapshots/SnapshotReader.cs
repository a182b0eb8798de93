using System.Text.Json;
using Muster.Contracts;
using Muster.Contracts.Decisions;
using Muster.Replication.Core;

namespace Muster.Decisions.Machine;

/// <summary>
/// Builds a state out of a snapshot's bytes; whatever does not fit together is a <see
/// cref="FormatException"/>.
/// </summary>
internal static class SnapshotReader
{
    public static DecisionsState Read(ReadOnlySpan<byte> snapshot)
    {
        if (snapshot.IsEmpty || snapshot[0] != SnapshotWriter.Version)
        {
            throw new FormatException(snapshot.IsEmpty
                ? "The decisions snapshot is empty."
                : $"A decisions snapshot of version {snapshot[0]}; "
                    + $"this build knows {SnapshotWriter.Version}.");
        }
        try
        {
            var shape = JsonSerializer.Deserialize(
                snapshot[1..], DecisionsSnapshotJson.Default.DecisionsSnapshot);
            return Build(shape ?? throw new FormatException("The decisions snapshot is null."));
        }
        // What the tables themselves refuse: a double key, a number out of order, a missing field.
        catch (Exception broken) when (
            broken is JsonException or ArgumentException or OverflowException
                or InvalidOperationException or NullReferenceException)
        {
            throw new FormatException(
                $"The decisions snapshot does not fit together: {broken.Message}", broken);
        }
    }

    private static DecisionsState Build(DecisionsSnapshot shape)
    {
        Require(shape.Machine == DecisionsMachine.MachineKind, $"it is of a machine '{shape.Machine}'");
        Require(shape.Genesis is null or { IsValid: true }, "its genesis is out of range");
        Require(shape.Epoch is >= 1 and <= DecisionsState.LargestNumber, "its epoch is out of range");
        var state = new DecisionsState
        {
            Clock = new MachineClock(shape.Time, shape.LastLogTime),
            Genesis = shape.Genesis,
            Epoch = shape.Epoch,
            LastIndex = shape.LastIndex,
            Restorations = new(shape.Restorations),
        };
        foreach (var decision in shape.Decisions)
        {
            Require(decision.Key is { Length: > 0 } && decision.Value is not null
                && decision.Proposer is not null && decision.CommandId is { Length: > 0 }
                && decision.Epoch >= 1 && decision.Epoch <= shape.Epoch && decision.Index > LogIndex.Zero,
                $"the decision of '{decision.Key}' is not whole");
            state.Decisions.Add(decision);
        }
        AddEvents(state, shape);
        return state;
    }

    private static void AddEvents(DecisionsState state, DecisionsSnapshot shape)
    {
        var first = shape.EventsHead - shape.Events.Count + 1;
        Require(first >= 1, "it has more events than numbers");
        Require(
            shape.Events.Select((one, place) => one.Number - place).All(number => number == first),
            "its events are not numbered one by one");
        state.Events.Restore(shape.EventsHead, [.. shape.Events.Select(one => EventOf(state, one))]);
        state.Outbox.Restore(shape.Outbox.Owner, shape.Outbox.Epoch, shape.Outbox.PublishedUpTo);
        foreach (var item in shape.Outbox.Items)
        {
            state.Outbox.Add(DecisionsState.ItemOf(EventOf(state, item), state.Outbox.LastNumber + 1));
        }
    }

    private static ValueDecided EventOf(DecisionsState state, EventSnapshot one)
    {
        var decision = state.Decisions.Find(one.Key);
        Require(decision is not null, $"it tells that '{one.Key}' was decided, and it was not");
        return state.EventOf(decision!, one.Ordinal, one.Number);
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException($"The decisions snapshot does not fit together: {otherwise}.");
        }
    }
}
