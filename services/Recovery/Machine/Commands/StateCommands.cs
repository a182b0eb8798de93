using Muster.Contracts.Recovery;

namespace Muster.Recovery.Machine;

/// <summary>
/// Writes of a group's state: by the primary of the present epoch, over the version it names.
/// </summary>
internal static class StateCommands
{
    public static RecoveryReply Update(Step step, CommandHead head, UpdateState update)
    {
        if (RecoveryValidation.Check(update, step.Limits.MaxStateBytes) is { } wrong)
        {
            return step.Refuse(update.CommandId, wrong);
        }
        return ExactlyOnce.RunRepeatable(step, head, () => Write(step, update));
    }

    private static (RecoveryReply Reply, bool MayTurn) Write(Step step, UpdateState update)
    {
        if (step.State.Groups.Find(update.Group) is not { } group)
        {
            return (step.Refuse(update.CommandId, GroupCommands.NoGroup(update.Group)), true);
        }
        if (group.Writes.FirstOrDefault(write => write.CommandId == update.CommandId) is { } done)
        {
            return (done.Member == update.Member
                ? Written(step, update, done.Version)
                : step.Refuse(update.CommandId, RecoveryRefusal.CommandIdInvalid,
                    $"The id {update.CommandId} is that of a write of another member."), false);
        }
        if (group.Primary != update.Member || group.Epoch != update.GroupEpoch)
        {
            // Epochs only grow, and have one primary each: what is past is refused for ever.
            return (
                Refuse(step, group, update, Promotions.NotPrimary(group, update.Member, update.GroupEpoch)),
                update.GroupEpoch > group.Epoch);
        }
        if (group.StateVersion != update.ExpectedVersion)
        {
            return (Refuse(step, group, update, new(RecoveryRefusal.VersionMismatch,
                    $"{group.Name} has state version {group.StateVersion}, not {update.ExpectedVersion}.")),
                update.ExpectedVersion > group.StateVersion);
        }
        if (CheckRoom(step, group, update) is { } full)
        {
            return (step.Refuse(update.CommandId, full), true);
        }
        return (WriteNew(step, group, update), false);
    }

    /// <summary>
    /// The version that the write would have made is there, and who made it is not known any more: that may
    /// have been its first copy.
    /// </summary>
    private static RecoveryReply Refuse(Step step, Group group, UpdateState update, Refusal refusal)
    {
        var isForgotten = update.ExpectedVersion >= 0 && update.ExpectedVersion < group.StateVersion
            && !group.Writes.Any(write => write.Version == update.ExpectedVersion + 1);
        var reply = step.Refuse(update.CommandId, refusal);
        return isForgotten
            ? new() { RecoveryRefused = reply.RecoveryRefused! with { MayBeDone = true } }
            : reply;
    }

    private static RecoveryReply WriteNew(Step step, Group group, UpdateState update)
    {
        step.State.Groups.Write(group, update.State);
        group.StateVersion++;
        group.Members[group.Primary].StateVersion =
            Math.Max(group.Members[group.Primary].StateVersion, group.StateVersion);
        group.Writes.Enqueue(new(update.CommandId, update.Member, group.StateVersion));
        if (group.Writes.Count > step.Limits.MaxKeptWrites)
        {
            group.Writes.Dequeue();
        }
        step.Publish(id => new()
        {
            StateUpdated = new()
            {
                Group = group.Name,
                StateVersion = group.StateVersion,
                GroupEpoch = group.Epoch,
                Event = id,
            },
        });
        return Written(step, update, group.StateVersion);
    }

    private static Refusal? CheckRoom(Step step, Group group, UpdateState update)
    {
        var bytes = step.State.Groups.StateBytes - group.State.Length + update.State.Length;
        return bytes <= step.Limits.MaxTotalStateBytes ? step.CheckOutbox() : new(
            RecoveryRefusal.LimitReached,
            $"All groups' states would have {bytes} bytes, at most {step.Limits.MaxTotalStateBytes}.");
    }

    private static RecoveryReply Written(Step step, UpdateState update, long version) => new()
    {
        StateWritten = new()
        {
            CommandId = update.CommandId,
            Group = update.Group,
            StateVersion = version,
            Freshness = step.State.Freshness,
        },
    };
}
