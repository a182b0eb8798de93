using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>
/// Puts a backup's state in the place of the current one, in one entry. What counts the group's life (epoch,
/// tokens, numbers of events and of the outbox, restorations done) never goes back.
/// </summary>
internal static class Restoring
{
    public static void Restore(Step step, StateRestoration restoration) =>
        step.Answer(Run(step, restoration));

    /// <summary>The whole backup is read before anything changes.</summary>
    private static RestorationOutcome Run(Step step, StateRestoration restoration)
    {
        if (step.State.Genesis is null)
        {
            return Refuse(step, restoration, "The lock group is not founded yet.");
        }
        if (step.State.Restorations.Find(restoration.CommandId) is { } done)
        {
            return RestorationOutcome.Of(restoration, done);
        }
        if (Problem(restoration) is { } problem)
        {
            return Refuse(step, restoration, problem);
        }
        if (step.IsTooOld)
        {
            var stale = Refuse(step, restoration, "This copy was proposed too long ago; it changed nothing.");
            return stale with { Refused = stale.Refused! with { IsUnknown = true } };
        }
        try
        {
            var backup = SnapshotReader.Read(restoration.Unpack());
            return Mismatch(step.State, backup, restoration) is { } mismatch
                ? Refuse(step, restoration, mismatch)
                : RestorationOutcome.Of(restoration, Replace(step, backup, restoration));
        }
        catch (FormatException damaged)
        {
            return Refuse(step, restoration, damaged.Message);
        }
    }

    private static string? Problem(StateRestoration restoration) =>
        restoration.CommandId.Length is 0 or > LockValidation.MaxIdCharacters
            ? $"The command id has {restoration.CommandId.Length} characters, "
                + $"not 1 to {LockValidation.MaxIdCharacters}."
            : restoration.Problem(LockMachine.MachineKind);

    private static string? Mismatch(LockState current, LockState backup, StateRestoration restoration)
    {
        if (backup.Genesis is null)
        {
            return "The state is of a lock group that was never founded.";
        }
        if (backup.Genesis.Group != current.Genesis!.Group)
        {
            return $"The state is of the group '{backup.Genesis.Group}'; "
                + $"this is '{current.Genesis.Group}'.";
        }
        var (there, here) = (backup.Genesis, current.Genesis);
        if ((there.Number, there.Groups) != (here.Number, here.Groups))
        {
            return $"The state is of lock group {there.Number} of {there.Groups}, this is {here.Number} of "
                + $"{here.Groups}: it has locks that belong elsewhere.";
        }
        var (epoch, token) = (
            restoration.EpochAfter(current.Epoch, backup.Epoch),
            restoration.TokensAfter(current.LastToken, backup.LastToken));
        return epoch <= LockState.MaxEpoch && token < FencingToken.MaxValue
            ? null
            : $"No epoch would be left above {epoch}, or no token above {token}.";
    }

    private static GroupStateRestored Replace(Step step, LockState backup, StateRestoration restoration)
    {
        var current = step.State;
        var restored = new LockState
        {
            // The backup's log time is of another log.
            Clock = new MachineClock(backup.Clock.Time, current.Clock.LastLogTime),
            // Its limits are those that the backup keeps to; its names are those of the living group.
            Genesis = backup.Genesis! with { ClusterId = current.Genesis!.ClusterId },
            Epoch = restoration.EpochAfter(current.Epoch, backup.Epoch),
            LastIndex = current.LastIndex,
            LastToken = restoration.TokensAfter(current.LastToken, backup.LastToken),
            LastTicket = backup.LastTicket,
            Sessions = backup.Sessions,
            Locks = backup.Locks,
            Answers = backup.Answers,
            // What the detectors said is of this cluster's life, and not of the backup's.
            Crashes = current.Crashes,
            Restorations = current.Restorations,
        };
        restored.Outbox.Restore(current.Outbox.Owner, current.Outbox.Epoch, current.Outbox.LastNumber);
        restored.Events.Restore(Math.Max(current.Events.Head, backup.Events.Head), []);
        // Whoever lives gets a whole TTL to say so, however long ago its last renewal in the backup is.
        foreach (var session in restored.Sessions.All)
        {
            restored.Sessions.Renew(session, restored.Clock.Time);
        }
        var done = new GroupStateRestored
        {
            CommandId = restoration.CommandId,
            Group = current.Genesis.Group,
            Epoch = restored.Epoch,
            TokenFloor = new FencingToken(restored.LastToken),
            Index = current.LastIndex,
        };
        restored.Restorations.Record(done);
        step.GoOnWith(restored);
        return done;
    }

    private static RestorationOutcome Refuse(Step step, StateRestoration restoration, string message) =>
        RestorationOutcome.Refuse(restoration, step.State.Genesis?.Group ?? "", message);
}
