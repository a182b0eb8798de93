namespace Muster.Simulator;

internal sealed class EmptiedDiskCounted : Mutation
{
    public override string Name => "emptied-disk-counted";

    public override string Breaks => "A node that lost its disk votes and acknowledges under its old name.";

    public override IReadOnlyList<string> FoundBy => OfRaft;

    public override bool KnowsNodesByName => true;

    public override FaultPlan OnPlan(FaultPlan plan) => DiskMutations.Plan(plan, rates => rates with
    {
        EmptyDisk = 2_000,
    });
}

internal sealed class SecondProcessCounted : Mutation
{
    public override string Name => "second-process-counted";

    public override string Breaks => "Two processes that run from copies of one folder are both heard.";

    public override IReadOnlyList<string> FoundBy => OfRaft;

    public override bool HearsEveryProcess => true;

    public override FaultPlan OnPlan(FaultPlan plan) => DiskMutations.Plan(plan, rates => rates with
    {
        SecondProcess = 2_000,
    });
}

internal static class DiskMutations
{
    /// <summary>Three voters, and leaders that come and go.</summary>
    public static FaultPlan Plan(FaultPlan plan, Func<FaultRates, FaultRates> more) => plan with
    {
        Nodes = 3,
        Rates = more(plan.Rates with
        {
            MemberChange = 0,
            DamageAtStart = 0,
            NodeCrash = 900,
            PartialCut = 900,
            Transfer = 900,
        }),
    };
}
