using System.Buffers.Binary;
using System.Text.Json;

namespace Muster.Recovery.Machine;

/// <summary>
/// The whole state as bytes, the same for the same state on every replica: a version byte, the JSON's length
/// in four bytes (little endian), the JSON, then the groups' states one after the other.
/// </summary>
internal static class SnapshotWriter
{
    public const byte Version = 2;
    public const int HeadBytes = 1 + sizeof(int);

    public static byte[] Write(RecoveryState state)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(
            ShapeOf(state), RecoverySnapshotJson.Default.RecoverySnapshot);
        var bytes = new byte[HeadBytes + json.Length + state.Groups.StateBytes];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), json.Length);
        json.CopyTo(bytes, HeadBytes);
        var position = HeadBytes + json.Length;
        foreach (var group in state.Groups.All)
        {
            group.State.CopyTo(bytes, position);
            position += group.State.Length;
        }
        return bytes;
    }

    private static RecoverySnapshot ShapeOf(RecoveryState state) => new()
    {
        Genesis = state.Genesis,
        Epoch = state.Epoch,
        LastIndex = state.LastIndex,
        Time = state.Clock.Time,
        LastLogTime = state.Clock.LastLogTime,
        EpochFloor = state.EpochFloor,
        Groups = [.. state.Groups.All.Select(ShapeOf)],
        Nodes = [.. state.Nodes.All],
        Answers = [.. state.Answers.Items.Select(item => new AnswerSnapshot(
            item.Id, item.RecordedAt, item.Result.Subject, item.Result.Reason, item.Result.Message))],
        Restorations = [.. state.Restorations.Items],
        Delivery = new()
        {
            Owner = state.Outbox.Owner,
            Epoch = state.Outbox.Epoch,
            PublishedUpTo = state.Outbox.PublishedUpTo,
            Items = [.. state.Outbox.Items],
            EventsHead = state.Events.Head,
            Events = [.. state.Events.Kept],
        },
    };

    private static GroupSnapshot ShapeOf(Group group) => new()
    {
        Name = group.Name,
        Epoch = group.Epoch,
        Primary = group.Primary,
        StateVersion = group.StateVersion,
        StateBytes = group.State.Length,
        FenceToken = group.FenceToken,
        Policy = group.Policy,
        Plan = group.Plan is { } plan ? ShapeOf(plan) : null,
        Members = [.. group.Members.Values.Select(ShapeOf)],
        Writes = [.. group.Writes],
    };

    private static MemberSnapshot ShapeOf(Member member) => new()
    {
        Name = member.Name,
        Identity = member.Identity,
        Past = [.. member.Past],
        StateVersion = member.StateVersion,
        IsHealthy = member.IsHealthy,
        HealthSince = member.HealthSince,
    };

    private static PlanSnapshot ShapeOf(Plan plan) => new()
    {
        Id = plan.Id,
        FailedMember = plan.FailedMember,
        Failed = plan.Failed,
        Lock = plan.Lock,
        Step = plan.Step,
        Fences = plan.Fences,
        ClaimEpoch = plan.ClaimEpoch,
        Claimant = plan.Claimant,
        Deadline = plan.Deadline,
        Tried = [.. plan.Tried],
    };
}
