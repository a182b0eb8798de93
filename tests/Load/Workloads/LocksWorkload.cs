using System.CommandLine;
using Muster.Load.Measuring;
using Muster.Load.Reporting;

namespace Muster.Load.Workloads;

/// <summary>Acquire and release, alone, side by side, and one after the other on one name.</summary>
internal sealed class LocksWorkload : IWorkload
{
    private const int Many = 64;

    private static readonly LockShape[] Shapes =
    [
        new("1 worker on 1 name, 1 session", Workers: 1, Names: 1, Sessions: 1),
        new("64 workers on 64 names, 1 session", Workers: Many, Names: Many, Sessions: 1),
        new("16 workers on 1 name, 8 sessions", Workers: 16, Names: 1, Sessions: 8),
    ];

    public string Name => "locks";

    public string Description =>
        "Lock cycles, acquire and release: 1 worker, 64 on 64 names, 16 on one name.";

    public IReadOnlyList<Option> Options => [];

    public bool StandsOnFloors => true;

    public bool NeedsOwnCluster => false;

    public bool NeedsRegistry => false;

    public async Task RunAsync(LoadContext context, CancellationToken cancellationToken)
    {
        await using (var warm = await LockLoad.ConnectAsync(context.Cluster, Shapes[1], cancellationToken))
        {
            await context.Meter.WarmUpAsync("locks", warm, context.Window / 2, cancellationToken);
        }
        foreach (var shape in Shapes)
        {
            await using var load = await LockLoad.ConnectAsync(context.Cluster, shape, cancellationToken);
            var measured = await context.Meter.MeasureAsync(
                "locks, " + shape.Name, load, context.Window, cancellationToken);
            for (var tally = 0; tally < measured.Count; tally++)
            {
                context.Report.Add(new Row
                {
                    Section = "locks",
                    Name = $"{load.Tallies[tally].Name}, {shape.Name}",
                    InFlight = shape.Workers,
                    Measured = measured[tally],
                    Against = Comparison.For(shape.Workers),
                });
            }
        }
        context.Report.Note(
            "locks: all workers and sessions are in this one client process, each session a MusterClient "
            + "with connections of its own; a cycle is an acquire and its release, both answered; an "
            + "acquire's time has the wait for those before it in it.");
    }
}

/// <summary>How many ask for how many locks through how many clients.</summary>
internal sealed record LockShape(string Name, int Workers, int Names, int Sessions);
