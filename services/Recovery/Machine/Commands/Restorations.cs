using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Recovery.Machine;

/// <summary>Replaces the whole state by a backup's, and keeps everything old dead.</summary>
internal static class Restorations
{
    public static void Restore(Step step, StateRestoration restoration) =>
        step.Answer(Run(step, restoration));

    private static RestorationOutcome Run(Step step, StateRestoration restoration)
    {
        var current = step.State;
        var group = current.Genesis?.Group ?? "";
        if (current.Genesis is null)
        {
            return RestorationOutcome.Refuse(restoration, group, "The recovery group is not founded yet.");
        }
        if (current.Restorations.Find(restoration.CommandId) is { } done)
        {
            return RestorationOutcome.Of(restoration, done);
        }
        if (restoration.Problem(RecoveryMachine.StateKind) is { } problem)
        {
            return RestorationOutcome.Refuse(restoration, group, problem);
        }
        if (step.IsTooOld)
        {
            var stale = RestorationOutcome.Refuse(
                restoration, group, "This copy was proposed too long ago; it changed nothing.");
            return stale with { Refused = stale.Refused! with { IsUnknown = true } };
        }
        RecoveryState restored;
        try
        {
            restored = SnapshotReader.Read(restoration.Unpack());
        }
        catch (FormatException damaged)
        {
            return RestorationOutcome.Refuse(restoration, group, damaged.Message);
        }
        if (restored.Genesis is null)
        {
            return RestorationOutcome.Refuse(restoration, group, "The state is of a group before it began.");
        }
        Replace(step, current, restored, restoration);
        var outcome = new GroupStateRestored
        {
            CommandId = restoration.CommandId,
            Group = group,
            Epoch = restored.Epoch,
            Index = step.Entry.Index,
        };
        restored.Restorations.Record(outcome);
        return RestorationOutcome.Of(restoration, outcome);
    }

    private static void Replace(
        Step step, RecoveryState current, RecoveryState restored, StateRestoration restoration)
    {
        restored.Epoch = restoration.EpochAfter(current.Epoch, restored.Epoch);
        restored.Genesis = restored.Genesis! with
        {
            Group = current.Genesis!.Group,
            ClusterId = current.Genesis.ClusterId,
            // Who founds a group anew with other limits means them; the answers are the backup's.
            Limits = current.Limits with { MaxKeptCommandIds = restored.Limits.MaxKeptCommandIds },
        };
        restored.LastIndex = step.Entry.Index;
        // The backup's log time is another log's.
        restored.Clock = new MachineClock(restored.Clock.Time, current.Clock.LastLogTime);
        restored.Restorations = current.Restorations;
        var head = Math.Max(current.Events.Head, restored.Events.Head);
        restored.Events = new();
        restored.Events.Restore(head, []);
        restored.Outbox = new();
        restored.Outbox.Restore(
            current.Outbox.Owner, current.Outbox.Epoch, current.Outbox.LastNumber);
        var news = new SortedSet<string>(
            current.Nodes.All.Where(restored.Nodes.Take).Select(verdict => verdict.Node),
            StringComparer.Ordinal);
        Verdicts.Bound(restored);
        RaiseEpochs(current, restored, restoration);
        step.Replace(restored);
        foreach (var group in restored.Groups.Recovering)
        {
            // What executors did for it before, and what the lock service remembers, is not of now.
            group.Plan!.Id = step.NextRecoveryId();
            if (group.Plan.Step == RecoveryStep.Verify)
            {
                // Nobody could confirm the raised epoch before.
                Plans.Verify(step, group);
            }
        }
        Verdicts.Judge(step, news);
    }

    /// <summary>
    /// A primary that is back may have written versions that are gone, and epochs may have been used that the
    /// backup does not know: every group goes on above all of them, and its primary has to look first.
    /// </summary>
    private static void RaiseEpochs(
        RecoveryState current, RecoveryState restored, StateRestoration restoration)
    {
        var epochs = current.Groups.All.Concat(restored.Groups.All).Select(group => group.Epoch);
        restored.EpochFloor = epochs
            .Concat([current.EpochFloor, restored.EpochFloor, restoration.Epoch])
            .Max();
        foreach (var group in restored.Groups.All)
        {
            group.Epoch = restored.EpochFloor + 1;
            foreach (var member in group.Members.Values)
            {
                // The backup's index is of another log.
                member.HealthSince = default;
            }
            var known = current.Groups.Find(group.Name)?.FenceToken ?? FencingToken.None;
            group.FenceToken = known > group.FenceToken ? known : group.FenceToken;
        }
    }
}
