using System.Text.Json;

namespace Muster.Registry.Machine;

/// <summary>
/// The whole state as bytes: a version byte, then JSON, the same for the same state on every replica.
/// </summary>
internal static class SnapshotWriter
{
    public const byte Version = 2;

    public static byte[] Write(RegistryState state)
    {
        using var stream = new MemoryStream();
        stream.WriteByte(Version);
        JsonSerializer.Serialize(stream, ShapeOf(state), RegistrySnapshotJson.Default.RegistrySnapshot);
        return stream.ToArray();
    }

    private static RegistrySnapshot ShapeOf(RegistryState state) => new()
    {
        Machine = RegistryMachine.MachineKind,
        Genesis = state.Genesis,
        Epoch = state.Epoch,
        LastIndex = state.LastIndex,
        Time = state.Clock.Time,
        LastLogTime = state.Clock.LastLogTime,
        Revision = state.Revision,
        Services = [.. state.Services.All.Select(ShapeOf)],
        ForgottenUpTo = state.Services.ForgottenUpTo,
        Config = [.. state.Config.All],
        Answers = [.. state.Answers.Items.Select(item => ShapeOf(item.RecordedAt, item.Result))],
        Restorations = [.. state.Restorations.Items],
        Outbox = new()
        {
            Owner = state.Events.Outbox.Owner,
            Epoch = state.Events.Outbox.Epoch,
            PublishedUpTo = state.Events.Outbox.PublishedUpTo,
            Items = [.. state.Events.Unpublished],
        },
        EventsHead = state.Events.Head,
        Events = [.. state.Events.Kept],
    };

    private static ServiceSnapshot ShapeOf(Service service) => new()
    {
        Name = service.Name,
        ChangedAt = service.ChangedAt,
        Instances = [.. service.Instances.Values.Select(ShapeOf)],
    };

    private static InstanceSnapshot ShapeOf(Instance instance) => new()
    {
        View = instance.View,
        LeaseId = instance.Lease.Id,
        TtlMilliseconds = instance.Lease.TtlMilliseconds,
        IsRestored = instance.Lease.IsRestored,
        Change = instance.Lease.Change,
        DrainChange = instance.Lease.DrainChange,
        Deadline = instance.Deadline,
    };

    private static AnswerSnapshot ShapeOf(long recordedAt, StoredAnswer answer) => new()
    {
        RecordedAt = recordedAt,
        CommandId = answer.CommandId,
        Subject = answer.Subject,
        Reply = answer.Reply,
        ShowsInstance = answer.ShowsInstance,
        ShowsKey = answer.ShowsKey,
    };
}
