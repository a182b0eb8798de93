using System.Buffers.Binary;
using System.Text.Json;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Recovery.Machine;

/// <summary>
/// Builds a state out of a snapshot's bytes; whatever does not fit together is a <see
/// cref="FormatException"/>.
/// </summary>
internal static class SnapshotReader
{
    public static RecoveryState Read(ReadOnlySpan<byte> snapshot)
    {
        if (snapshot.Length < SnapshotWriter.HeadBytes)
        {
            throw new FormatException($"A recovery snapshot of {snapshot.Length} bytes is too short.");
        }
        if (snapshot[0] != SnapshotWriter.Version)
        {
            throw new FormatException($"A recovery snapshot of version {snapshot[0]}; "
                + $"this build knows {SnapshotWriter.Version}.");
        }
        var jsonBytes = BinaryPrimitives.ReadInt32LittleEndian(snapshot[1..]);
        var rest = snapshot[SnapshotWriter.HeadBytes..];
        Require(jsonBytes >= 0 && jsonBytes <= rest.Length, "its JSON is longer than itself");
        try
        {
            var shape = JsonSerializer.Deserialize(
                rest[..jsonBytes], RecoverySnapshotJson.Default.RecoverySnapshot);
            return Build(
                shape ?? throw new FormatException("The recovery snapshot is null."), rest[jsonBytes..]);
        }
        // What the tables themselves refuse: a double id, a number out of order, a missing field.
        catch (Exception broken) when (
            broken is JsonException or ArgumentException
                or InvalidOperationException or NullReferenceException)
        {
            throw new FormatException(
                $"The recovery snapshot does not fit together: {broken.Message}", broken);
        }
    }

    private static RecoveryState Build(RecoverySnapshot shape, ReadOnlySpan<byte> states)
    {
        Require(shape.Genesis is null or { IsValid: true }, "its genesis is out of range");
        var limits = shape.Genesis?.Limits ?? RecoveryLimits.Default;
        var window = shape.Genesis?.CommandWindowMilliseconds
            ?? CommandIdWindow<StoredAnswer>.DefaultWindowMilliseconds;
        var state = new RecoveryState
        {
            Clock = new MachineClock(shape.Time, shape.LastLogTime),
            Genesis = shape.Genesis,
            Epoch = shape.Epoch,
            LastIndex = shape.LastIndex,
            EpochFloor = shape.EpochFloor,
            Answers = new(shape.Answers.Select(RememberedOf), window, limits.MaxKeptCommandIds),
            Restorations = new(shape.Restorations),
        };
        foreach (var group in shape.Groups)
        {
            Require(group.StateBytes >= 0 && group.StateBytes <= states.Length, "a state is missing");
            state.Groups.Add(GroupOf(group, states[..group.StateBytes].ToArray()));
            states = states[group.StateBytes..];
        }
        Require(states.IsEmpty, "it has more bytes than states");
        foreach (var verdict in shape.Nodes)
        {
            Require(state.Nodes.Take(verdict), $"{verdict.Node} has two verdicts");
        }
        var delivery = shape.Delivery;
        state.Outbox.Restore(delivery.Owner, delivery.Epoch, delivery.PublishedUpTo);
        foreach (var item in delivery.Items)
        {
            state.Outbox.Add(item);
        }
        Require(delivery.Events.Count <= delivery.EventsHead, "it has more events than numbers");
        state.Events.Restore(delivery.EventsHead, delivery.Events);
        return state;
    }

    private static Group GroupOf(GroupSnapshot shape, byte[] bytes)
    {
        var group = new Group
        {
            Name = shape.Name,
            Epoch = shape.Epoch,
            Primary = shape.Primary,
            StateVersion = shape.StateVersion,
            State = bytes,
            FenceToken = shape.FenceToken,
            Policy = shape.Policy,
            Plan = shape.Plan is { } plan ? PlanOf(shape.Name, plan) : null,
        };
        foreach (var member in shape.Members)
        {
            group.Members.Add(member.Name, MemberOf(member));
        }
        foreach (var write in shape.Writes)
        {
            group.Writes.Enqueue(write);
        }
        Require(
            !group.HasPrimary || group.Members.ContainsKey(group.Primary),
            $"the primary of {group.Name} is no member of it");
        Require(
            group.Plan is not { Step: RecoveryStep.Verify } || group.HasPrimary,
            $"the promotion of nobody is verified in {group.Name}");
        return group;
    }

    private static Member MemberOf(MemberSnapshot shape) =>
        new(shape.Name, shape.Identity, shape.IsHealthy, shape.HealthSince)
        {
            Past = [.. shape.Past],
            StateVersion = shape.StateVersion,
        };

    private static Plan PlanOf(string group, PlanSnapshot shape)
    {
        Require(
            shape.Step is RecoveryStep.Fence or RecoveryStep.Verify,
            $"the recovery of {group} is at {shape.Step}");
        return new()
        {
            Id = shape.Id,
            Group = group,
            FailedMember = shape.FailedMember,
            Failed = shape.Failed,
            Lock = shape.Lock,
            Step = shape.Step,
            Fences = shape.Fences,
            ClaimEpoch = shape.ClaimEpoch,
            Claimant = shape.Claimant,
            Deadline = shape.Deadline,
            Tried = new(shape.Tried, StringComparer.Ordinal),
        };
    }

    private static RememberedCommand<StoredAnswer> RememberedOf(AnswerSnapshot answer)
    {
        Require(
            answer.Subject is { Kind: not null, Owner: not null, Target: not null },
            $"nobody knows what the command {answer.Id} was about");
        return new(
            answer.Id, answer.RecordedAt, new StoredAnswer(answer.Subject, answer.Reason, answer.Message));
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException($"The recovery snapshot does not fit together: {otherwise}.");
        }
    }
}
