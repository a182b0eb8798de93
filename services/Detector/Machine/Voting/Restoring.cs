using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Detector.Machine;

/// <summary>
/// Puts a backup's verdicts in the place of the current ones, in one entry. The configured detectors stay
/// those of this group, and they vote anew wherever they see it otherwise.
/// </summary>
internal static class Restoring
{
    public static void Restore(Step step, StateRestoration restoration)
    {
        var outcome = step.State.Restorations.Find(restoration.CommandId) is { } done
            ? RestorationOutcome.Of(restoration, done)
            : RestoreOnce(step, restoration);
        step.Tell(new DetectorEffect.Restoration(outcome));
    }

    /// <summary>The whole backup is read before anything changes.</summary>
    private static RestorationOutcome RestoreOnce(Step step, StateRestoration restoration)
    {
        if (Problem(step, restoration) is { } problem)
        {
            return Refuse(step, restoration, problem);
        }
        if (ProposalAge.IsTooOld(step.IssuedAt, step.Now, step.State.Genesis!.CommandWindowMilliseconds))
        {
            var stale = Refuse(step, restoration, "This copy was proposed too long ago; it changed nothing.");
            return stale with { Refused = stale.Refused! with { IsUnknown = true } };
        }
        try
        {
            var backup = SnapshotReader.Read(restoration.Unpack());
            return backup.Genesis is null
                ? Refuse(step, restoration, "The state is of a detector group that was never founded.")
                : restoration.EpochAfter(step.State.Epoch, backup.Epoch) > DetectorState.LargestNumber
                ? Refuse(step, restoration, $"No epoch is left above {backup.Epoch}.")
                : RestorationOutcome.Of(restoration, Replace(step, restoration, backup));
        }
        catch (FormatException broken)
        {
            return Refuse(step, restoration, broken.Message);
        }
    }

    private static string? Problem(Step step, StateRestoration restoration)
    {
        if (restoration.CommandId.Length is 0 or > DetectorLimits.MostNameCharacters)
        {
            return $"The command's id has {restoration.CommandId.Length} characters, "
                + $"not 1 to {DetectorLimits.MostNameCharacters}.";
        }
        if (step.State.Genesis is null)
        {
            return "The detector group is not founded yet; ask again shortly.";
        }
        return restoration.Epoch is < 0 or > DetectorState.LargestNumber
            ? $"The epoch {restoration.Epoch} is out of range."
            : restoration.Problem(DetectorMachine.MachineKind);
    }

    private static GroupStateRestored Replace(Step step, StateRestoration restoration, DetectorState backup)
    {
        var current = step.State;
        var restored = new DetectorState
        {
            // The backup's log time is of another log, and so are its indexes.
            Clock = new MachineClock(backup.Clock.Time, step.LogTime),
            Genesis = current.Genesis,
            Epoch = restoration.EpochAfter(current.Epoch, backup.Epoch),
            LastIndex = step.Index,
            SweptTime = step.LogTime,
            Restorations = new(current.Restorations.Items),
        };
        foreach (var node in backup.Nodes.ByName.Values.Take(current.Limits.MaxNodes))
        {
            restored.Nodes.Set(node with { ChangedAt = step.Index, ChangedTime = step.LogTime });
        }
        restored.Outbox.Restore(current.Outbox.Owner, current.Outbox.Epoch, current.Outbox.LastNumber);
        restored.Events.Restore(Math.Max(current.Events.Head, backup.Events.Head), []);
        var done = new GroupStateRestored
        {
            CommandId = restoration.CommandId,
            Group = current.Genesis!.Group,
            Epoch = restored.Epoch,
            TokenFloor = FencingToken.None,
            Index = step.Index,
        };
        restored.Restorations.Record(done);
        step.GoOnWith(restored);
        return done;
    }

    private static RestorationOutcome Refuse(Step step, StateRestoration restoration, string message) =>
        RestorationOutcome.Refuse(restoration, step.State.Genesis?.Group ?? "", message);
}
