using Muster.Contracts;
using Muster.Contracts.Decisions;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Decisions.Machine;

/// <summary>
/// Adds a backup's decisions to the current ones, in one entry. Unlike other machines' states the current one
/// is not replaced: what was decided stays, also what was decided after the backup. Where both know a key,
/// the decision that was ordered first counts, by epoch and index.
/// </summary>
internal static class Restoring
{
    public static void Restore(Step step, StateRestoration restoration)
    {
        var outcome = step.State.Restorations.Find(restoration.CommandId) is { } done
            ? RestorationOutcome.Of(restoration, done)
            : RestoreOnce(step, restoration);
        step.Tell(new DecisionEffect.Restoration(outcome));
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
                ? Refuse(step, restoration, "The state is of a decisions group that was never founded.")
                : restoration.EpochAfter(step.State.Epoch, backup.Epoch) > DecisionsState.LargestNumber
                ? Refuse(step, restoration, $"No epoch is left above {backup.Epoch}.")
                : RestorationOutcome.Of(restoration, Merge(step, restoration, backup));
        }
        catch (FormatException broken)
        {
            return Refuse(step, restoration, broken.Message);
        }
    }

    private static string? Problem(Step step, StateRestoration restoration)
    {
        if (DecisionValidation.CheckCommandId(restoration.CommandId) is { } wrong)
        {
            return wrong.Message;
        }
        if (step.State.Genesis is null)
        {
            return "The decisions group is not founded yet; ask again shortly.";
        }
        return restoration.Epoch is < 0 or > DecisionsState.LargestNumber
            ? $"The epoch {restoration.Epoch} is out of range."
            : restoration.Problem(DecisionsMachine.MachineKind);
    }

    private static GroupStateRestored Merge(Step step, StateRestoration restoration, DecisionsState backup)
    {
        var current = step.State;
        var restored = new DecisionsState
        {
            // Nothing current is forgotten, so what was proposed before may go on: the clock stays.
            Clock = current.Clock,
            Genesis = current.Genesis,
            Epoch = restoration.EpochAfter(current.Epoch, backup.Epoch),
            LastIndex = step.Index,
            Restorations = new(current.Restorations.Items),
        };
        foreach (var decision in current.Decisions.All)
        {
            var saved = backup.Decisions.Find(decision.Key);
            restored.Decisions.Add(saved is not null && IsBefore(saved, decision) ? saved : decision);
        }
        foreach (var decision in backup.Decisions.All)
        {
            if (current.Decisions.Find(decision.Key) is null)
            {
                restored.Decisions.Add(decision);
            }
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

    private static bool IsBefore(Decision one, Decision other) =>
        one.Epoch < other.Epoch || (one.Epoch == other.Epoch && one.Index < other.Index);

    private static RestorationOutcome Refuse(Step step, StateRestoration restoration, string message) =>
        RestorationOutcome.Refuse(restoration, step.State.Genesis?.Group ?? "", message);
}
