namespace Muster.Load.Workloads;

/// <summary>The tool's commands, in the order that <c>all</c> runs them.</summary>
internal static class WorkloadList
{
    public static IReadOnlyList<IWorkload> All { get; } =
        [new ProposalsWorkload(), new LocksWorkload(), new ResolveWorkload(), new FailoverWorkload()];
}
