using Muster.Contracts.Detector;
using Muster.Detector.Machine;
using Muster.Replication.Core;

namespace Muster.Simulator;

/// <summary>Changes the votes of the detectors' entries on their way to the machine.</summary>
internal abstract class VoteMutation : Mutation
{
    public override FaultPlan OnPlan(FaultPlan plan) => plan.WithStandbys();

    public override IReadOnlyList<DetectorEffect> OnDetectorEntry(DetectorMachine machine, AppliedEntry entry)
    {
        if (entry.Body.IsEmpty)
        {
            return machine.Apply(entry);
        }
        var commands = DetectorEntryCodec.Read(entry.Body.Span).Commands.SelectMany(command =>
            command.Vote is { } vote
                ? Edit(vote).Select(edited => new DetectorEntryCommand { Vote = edited })
                : [command]);
        return machine.Apply(entry with
        {
            Body = DetectorEntryCodec.Write(new DetectorEntry { Commands = [.. commands] }),
        });
    }

    protected abstract IEnumerable<Vote> Edit(Vote vote);

    protected static IEnumerable<Vote> ByAll(Vote vote) =>
        [vote, .. DetectorReplica.Instances.Select(detector => vote with { Detector = detector })];
}

internal sealed class VerdictOfOne : VoteMutation
{
    public override string Name => "verdict-of-one";

    public override string Breaks => "A node is given up by the word of one detector.";

    public override IReadOnlyList<string> FoundBy => ["verdicts"];

    protected override IEnumerable<Vote> Edit(Vote vote) =>
        vote.Status == NodeStatus.Failed ? ByAll(vote) : [vote];
}

internal sealed class RestoredUnheard : VoteMutation
{
    public override string Name => "restored-unheard";

    public override string Breaks => "The word of one detector that it hears a node restores it.";

    public override IReadOnlyList<string> FoundBy => ["verdicts"];

    protected override IEnumerable<Vote> Edit(Vote vote) =>
        vote.Status == NodeStatus.Alive ? ByAll(vote) : [vote];
}

internal sealed class LateVoteCounted : VoteMutation
{
    public override string Name => "late-vote-counted";

    public override string Breaks => "A detector's word counts whenever it comes, over newer ones too.";

    public override IReadOnlyList<string> FoundBy => ["verdicts"];

    public override FaultPlan OnPlan(FaultPlan plan) => base.OnPlan(plan) with
    {
        Rates = plan.Rates with { ClientCrash = 2_000, Pause = 700 },
        Weather = plan.Weather with
        {
            Duplicates = 200,
            Spikes = 200,
            SpikeDelay = 3 * Scheduler.Second,
            Reorders = true,
        },
    };

    protected override IEnumerable<Vote> Edit(Vote vote) => [vote with { Number = 0 }];
}

internal sealed class FailedTwice : Mutation
{
    public override string Name => "failed-twice";

    public override string Breaks => "A node that is given up is given up once more.";

    public override IReadOnlyList<string> FoundBy => ["verdicts"];

    public override FaultPlan OnPlan(FaultPlan plan) => plan.WithStandbys();

    public override IReadOnlyList<DetectorEffect> OnDetectorEntry(DetectorMachine machine, AppliedEntry entry)
    {
        var effects = machine.Apply(entry);
        var failures = effects.OfType<DetectorEffect.Delivery>()
            .Where(delivery => delivery.Item.Event?.NodeFailed is not null);
        return [.. effects, .. failures];
    }
}
