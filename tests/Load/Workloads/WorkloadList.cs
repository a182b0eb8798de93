using Muster.Load.Locking;

namespace Muster.Load.Workloads;

/// <summary>The tool's commands, in the order that <c>all</c> runs them.</summary>
internal static class WorkloadList
{
    /// <summary>Those that go on for minutes, and that <c>all</c> leaves out.</summary>
    public static IReadOnlyList<IWorkload> Long { get; } =
    [
        new EnduranceWorkload(), new ElectionsWorkload(), new CrashWorkload(), new TakeoverWorkload(),
        new CrowdWorkload(), new RestartWorkload(),
    ];

    public static IReadOnlyList<IWorkload> All { get; } =
    [
        new ProposalsWorkload(), new LocksWorkload(), new ResolveWorkload(), new FailoverWorkload(),
        new IdleWorkload(), new ProfileWorkload(),
    ];
}
