using Muster.Recovery.Machine;
using Muster.Replication.Core;

namespace Muster.Simulator;

/// <summary>Changes the commands of the recovery's entries on their way to the machine.</summary>
internal abstract class RecoveryEntryMutation : Mutation
{
    public override FaultPlan OnPlan(FaultPlan plan) => plan.WithStandbys();

    public override IReadOnlyList<RecoveryEffect> OnRecoveryEntry(RecoveryMachine machine, AppliedEntry entry)
    {
        if (entry.Body.IsEmpty)
        {
            return machine.Apply(entry);
        }
        var commands = RecoveryEntryCodec.Read(entry.Body.Span).Commands
            .Select(command => Edit(machine, command));
        return machine.Apply(entry with
        {
            Body = RecoveryEntryCodec.Write(new RecoveryEntry { Commands = [.. commands] }),
        });
    }

    protected abstract RecoveryEntryCommand Edit(RecoveryMachine machine, RecoveryEntryCommand command);
}

internal sealed class FormerPrimaryWrites : RecoveryEntryMutation
{
    public override string Name => "former-primary-writes";

    public override string Breaks => "A write counts whoever was the primary of the epoch that it names.";

    public override IReadOnlyList<string> FoundBy => ["versions", "one primary"];

    public override FaultPlan OnPlan(FaultPlan plan) => base.OnPlan(plan) with
    {
        Rates = plan.Rates with { Pause = 700 },
    };

    protected override RecoveryEntryCommand Edit(RecoveryMachine machine, RecoveryEntryCommand command) =>
        command.UpdateState is { } update && machine.Describe(update.Group) is { Primary.Length: > 0 } group
            ? new()
            {
                UpdateState = update with
                {
                    Member = group.Primary,
                    GroupEpoch = group.GroupEpoch,
                    ExpectedVersion = group.StateVersion,
                },
            }
            : command;
}

internal sealed class LateStepCounted : RecoveryEntryMutation
{
    public override string Name => "late-step-counted";

    public override string Breaks => "A step's result counts whatever claim it was done under.";

    public override IReadOnlyList<string> FoundBy => ["claims"];

    public override FaultPlan OnPlan(FaultPlan plan) => base.OnPlan(plan) with
    {
        Rates = plan.Rates with { Pause = 500, ClientCrash = 1_500, ReplicaCrash = 0 },
    };

    protected override RecoveryEntryCommand Edit(RecoveryMachine machine, RecoveryEntryCommand command) =>
        command.StepDone is { } done
        && machine.OpenFences.FirstOrDefault(fence => fence.RecoveryId == done.RecoveryId) is { } open
            ? new() { StepDone = done with { ClaimEpoch = open.ClaimEpoch } }
            : command;
}

internal sealed class PromotedUnfenced : Mutation
{
    public override string Name => "promoted-unfenced";

    public override string Breaks => "A standby is promoted before the failed primary's lock is broken.";

    public override IReadOnlyList<string> FoundBy => ["fencing"];

    public override bool FencesUnasked => true;

    public override FaultPlan OnPlan(FaultPlan plan)
    {
        var standbys = plan.WithStandbys();
        return standbys with { Rates = plan.Rates with { ClientCrash = 2_000 } };
    }
}

internal sealed class FenceWithoutToken : Mutation
{
    public override string Name => "fence-without-token";

    public override string Breaks => "A standby is promoted without the token that fences who failed.";

    public override IReadOnlyList<string> FoundBy => ["fencing"];

    public override bool FencesWithoutToken => true;

    public override FaultPlan OnPlan(FaultPlan plan)
    {
        var standbys = plan.WithStandbys();
        return standbys with { Rates = plan.Rates with { ClientCrash = 2_000 } };
    }
}
