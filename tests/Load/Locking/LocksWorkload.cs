using System.CommandLine;
using Muster.Load.Measuring;
using Muster.Load.Reporting;
using Muster.Load.Workloads;

namespace Muster.Load.Locking;

/// <summary>Acquire and release, alone, side by side, and one after the other on one name.</summary>
internal sealed class LocksWorkload : IWorkload
{
    private const int Many = 64;

    private static readonly LockShape SideBySide =
        new("64 workers on 64 names, 1 session", Workers: Many, Names: Many, Sessions: 1);

    private static readonly LockShape[] Shapes =
    [
        new("1 worker on 1 name, 1 session", Workers: 1, Names: 1, Sessions: 1),
        SideBySide,
        new("16 workers on 1 name, 8 sessions", Workers: 16, Names: 1, Sessions: 8),
        new("16 workers on 1 name, 8 sessions in 4 processes", Workers: 16, Names: 1, Sessions: 8,
            Processes: 4),
    ];

    public string Name => "locks";

    public string Description =>
        "Lock cycles, acquire and release: 1 worker, 64 on 64 names, 16 on one name.";

    public IReadOnlyList<Option> Options => [];

    public bool StandsOnFloors => true;

    public bool NeedsOwnCluster => false;

    public bool NeedsRegistry => false;

    /// <summary>64 workers on 64 names, for who compares their rate with no floor but with itself.</summary>
    public static Task<IReadOnlyList<Measured>> SideBySideAsync(
        LoadContext context, string name, CancellationToken cancellationToken) =>
        MeasureAsync(context, SideBySide, name, [], cancellationToken);

    public async Task RunAsync(LoadContext context, CancellationToken cancellationToken)
    {
        await using (var warm = await NewLoadAsync(context, SideBySide, cancellationToken))
        {
            await context.Meter.WarmUpAsync("locks", warm, context.Window / 2, cancellationToken);
        }
        foreach (var shape in Shapes)
        {
            await MeasureAsync(
                context, shape, shape.Name, Comparison.For(shape.Workers), cancellationToken);
        }
        context.Report.Note(
            "locks: each session is a MusterClient with connections of its own, of this one process unless "
            + "the row says otherwise; a cycle is an acquire and its release, both answered; an acquire's "
            + "time has the wait for those before it in it.");
    }

    private static async Task<IReadOnlyList<Measured>> MeasureAsync(
        LoadContext context, LockShape shape, string name, IReadOnlyList<Comparison> against,
        CancellationToken cancellationToken)
    {
        await using var load = await NewLoadAsync(context, shape, cancellationToken);
        var cluster = context.Cluster;
        var meter = new Meter(
            new CpuMeter(() => cluster.ProcessIds, () => load.ProcessIds), context.Progress);
        var measured = await meter.MeasureAsync("locks, " + name, load, context.Window, cancellationToken);
        for (var tally = 0; tally < measured.Count; tally++)
        {
            context.Report.Add(new Row
            {
                Section = "locks",
                Name = $"{load.Tallies[tally].Name}, {name}",
                InFlight = shape.Workers,
                Measured = measured[tally],
                Against = against,
            });
        }
        load.Grants.Judge(isOneGroup: cluster.IsOwn);
        context.Report.Note(FormattableString.Invariant(
            $"locks, {name}: {load.Grants.Count:N0} grants, warm-up included, each under a token of its ")
            + "own, above all before it.");
        return measured;
    }

    private static async Task<ILockLoad> NewLoadAsync(
        LoadContext context, LockShape shape, CancellationToken cancellationToken)
    {
        var prefix = $"load/{Guid.NewGuid():N}/";
        return shape.Processes > 0
            ? await LockProcesses.StartAsync(context, shape, prefix)
            : await LockLoad.ConnectAsync(context.Cluster, shape, prefix, log: null, cancellationToken);
    }
}
