using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Registry.Machine;

/// <summary>
/// Puts a backup's state in the place of the current one, in one entry. The new epoch is above all known
/// ones, so every view and watch starts again; what counts the group's life (numbers of events and of the
/// outbox, versions, done restorations) never goes back.
/// </summary>
internal static class Restoring
{
    public static void Restore(Step step, StateRestoration restoration)
    {
        var outcome = step.State.Restorations.Find(restoration.CommandId) is { } done
            ? RestorationOutcome.Of(restoration, done)
            : RestoreOnce(step, restoration);
        step.Tell(new RegistryEffect.Restoration(outcome));
    }

    /// <summary>The whole backup is read before anything changes.</summary>
    private static RestorationOutcome RestoreOnce(Step step, StateRestoration restoration)
    {
        if (Problem(step, restoration) is { } problem)
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
            return backup.Genesis is null
                ? Refuse(step, restoration, "The state is of a registry that was never founded.")
                : restoration.EpochAfter(step.State.Epoch, backup.Epoch) > RegistryState.LargestNumber
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
        if (RegistryValidation.CheckCommandId(restoration.CommandId) is { } wrong)
        {
            return wrong.Message;
        }
        if (step.State.Genesis is null)
        {
            return "The registry group is not founded yet; ask again shortly.";
        }
        return restoration.Epoch is < 0 or >= RegistryState.LargestNumber
            || restoration.TokenFloor is < 0 or >= RegistryState.LargestNumber
            ? $"The epoch {restoration.Epoch} or the token floor {restoration.TokenFloor} is out of range."
            : restoration.Problem(RegistryMachine.MachineKind);
    }

    private static GroupStateRestored Replace(Step step, StateRestoration restoration, RegistryState backup)
    {
        var current = step.State;
        var limits = current.Limits;
        var answers = backup.Answers.Items.Skip(
            Math.Max(0, backup.Answers.Count - limits.MaxKeptCommandIds));
        var restored = new RegistryState
        {
            // The backup's log time is of another log.
            Clock = new MachineClock(backup.Clock.Time, step.LogTime),
            Genesis = current.Genesis,
            Epoch = restoration.EpochAfter(current.Epoch, backup.Epoch),
            LastIndex = step.Index,
            // Above what a lost group may have counted since its backup: a version never comes twice.
            Revision = restoration.TokensAfter(current.Revision, backup.Revision),
            Answers = new(answers, current.Answers.WindowMilliseconds, limits.MaxKeptCommandIds),
            Restorations = new(current.Restorations.Items),
        };
        CopyServices(step, backup, restored);
        foreach (var entry in backup.Config.All)
        {
            restored.Config.Set(entry with { ChangedAt = step.Index });
        }
        var outbox = current.Events.Outbox;
        restored.Events.Restore(
            Math.Max(current.Events.Head, backup.Events.Head), [],
            outbox.Owner, outbox.Epoch, outbox.LastNumber);
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

    /// <summary>
    /// All as of this entry's index: the backup's own indexes are of another log, and a later change must be
    /// greater. Services that only the current state knows become empty ones, so that their cached views are
    /// replaced.
    /// </summary>
    private static void CopyServices(Step step, RegistryState backup, RegistryState restored)
    {
        foreach (var service in backup.Services.All)
        {
            foreach (var instance in service.Instances.Values)
            {
                restored.Services.Add(
                    instance.View with { ChangedAt = step.Index }, instance.Lease with { IsRestored = true },
                    instance.Deadline);
            }
        }
        foreach (var service in step.State.Services.All.Concat(backup.Services.All))
        {
            if (restored.Services.Find(service.Name) is null)
            {
                restored.Services.AddEmpty(service.Name, step.Index, step.Limits.MaxEmptyServices);
            }
        }
        restored.Services.ForgottenUpTo = step.Index;
    }

    private static RestorationOutcome Refuse(Step step, StateRestoration restoration, string message) =>
        RestorationOutcome.Refuse(restoration, step.State.Genesis?.Group ?? "", message);
}
