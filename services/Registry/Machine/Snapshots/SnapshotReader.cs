using System.Text.Json;
using Muster.Contracts.Registry;
using Muster.Replication.Core;

namespace Muster.Registry.Machine;

/// <summary>
/// Builds a state out of a snapshot's bytes; whatever does not fit together is a <see
/// cref="FormatException"/>.
/// </summary>
internal static class SnapshotReader
{
    public static RegistryState Read(ReadOnlySpan<byte> snapshot)
    {
        if (snapshot.IsEmpty || snapshot[0] != SnapshotWriter.Version)
        {
            throw new FormatException(snapshot.IsEmpty
                ? "The registry snapshot is empty."
                : $"A registry snapshot of version {snapshot[0]}; "
                    + $"this build knows {SnapshotWriter.Version}.");
        }
        try
        {
            var shape = JsonSerializer.Deserialize(
                snapshot[1..], RegistrySnapshotJson.Default.RegistrySnapshot);
            return Build(shape ?? throw new FormatException("The registry snapshot is null."));
        }
        // What the tables themselves refuse: a double id, a number out of order, a missing field.
        catch (Exception broken) when (
            broken is JsonException or ArgumentException or OverflowException
                or InvalidOperationException or NullReferenceException)
        {
            throw new FormatException(
                $"The registry snapshot does not fit together: {broken.Message}", broken);
        }
    }

    private static RegistryState Build(RegistrySnapshot shape)
    {
        Require(shape.Machine == RegistryMachine.MachineKind, $"it is of a machine '{shape.Machine}'");
        Require(shape.Genesis is null or { IsValid: true }, "its genesis is out of range");
        Require(shape.Epoch is >= 1 and <= RegistryState.LargestNumber, "its epoch is out of range");
        Require(shape.Revision is >= 0 and <= RegistryState.LargestNumber, "its version is out of range");
        var limits = shape.Genesis?.Limits ?? RegistryLimits.Default;
        var window = shape.Genesis?.CommandWindowMilliseconds
            ?? CommandIdWindow<StoredAnswer>.DefaultWindowMilliseconds;
        var state = new RegistryState
        {
            Clock = new MachineClock(shape.Time, shape.LastLogTime),
            Genesis = shape.Genesis,
            Epoch = shape.Epoch,
            LastIndex = shape.LastIndex,
            Revision = shape.Revision,
            Answers = new(shape.Answers.Select(RememberedOf), window, limits.MaxKeptCommandIds),
            Restorations = new(shape.Restorations),
        };
        foreach (var service in shape.Services)
        {
            AddService(state, service);
        }
        state.Services.ForgottenUpTo = shape.ForgottenUpTo;
        foreach (var entry in shape.Config)
        {
            Require(entry.Version <= state.Revision, $"the version of {entry.Key} was never given");
            Require(state.Config.Find(entry.Key) is null, $"it has {entry.Key} twice");
            Require(entry.Value is not null, $"{entry.Key} has no value");
            state.Config.Set(entry);
        }
        AddEvents(state, shape);
        return state;
    }

    private static RememberedCommand<StoredAnswer> RememberedOf(AnswerSnapshot answer)
    {
        Require(
            answer.Subject is { Kind.Length: > 0, Owner: not null, Target: not null },
            $"nobody knows what the command {answer.CommandId} was about");
        var stored = new StoredAnswer(answer.CommandId, answer.Subject, answer.Reply)
        {
            ShowsInstance = answer.ShowsInstance,
            ShowsKey = answer.ShowsKey,
        };
        return new(answer.CommandId, answer.RecordedAt, stored);
    }

    private static void AddService(RegistryState state, ServiceSnapshot service)
    {
        if (service.Instances.Count == 0)
        {
            state.Services.AddEmpty(service.Name, service.ChangedAt, int.MaxValue);
            return;
        }
        foreach (var instance in service.Instances)
        {
            var view = NullFields.Fill(instance.View);
            Require(view.Service == service.Name, $"an instance of {view.Service} is in {service.Name}");
            state.Services.Add(
                view,
                new InstanceLease(
                    instance.LeaseId, instance.TtlMilliseconds, instance.IsRestored, instance.Change,
                    instance.DrainChange),
                instance.Deadline);
        }
        state.Services.SetChange(service.Name, service.ChangedAt);
    }

    private static void AddEvents(RegistryState state, RegistrySnapshot shape)
    {
        Require(shape.Events.Count <= shape.EventsHead, "it has more events than numbers");
        state.Events.Restore(
            shape.EventsHead, [.. shape.Events.Select(Fill)],
            shape.Outbox.Owner, shape.Outbox.Epoch, shape.Outbox.PublishedUpTo);
        foreach (var item in shape.Outbox.Items)
        {
            state.Events.AddUnpublished(
                item with { Event = item.Event is null ? null : Fill(item.Event) });
        }
    }

    private static RegistryEvent Fill(RegistryEvent registryEvent) => registryEvent switch
    {
        { InstanceRegistered: { } registered } => new()
        {
            InstanceRegistered = registered with { Instance = NullFields.Fill(registered.Instance) },
        },
        { InstanceChanged: { } changed } => new()
        {
            InstanceChanged = changed with { Instance = NullFields.Fill(changed.Instance) },
        },
        _ => registryEvent,
    };

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException($"The registry snapshot does not fit together: {otherwise}.");
        }
    }
}
