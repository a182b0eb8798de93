using System.CommandLine;
using Muster.Load.Measuring;
using Muster.Load.Reporting;
using Muster.Load.Requests;
using Muster.Load.Stage;

namespace Muster.Load.Workloads;

/// <summary>
/// What groups cost in which nothing happens: their messages, bytes and processor time, and what a busy
/// group loses by them. The same without them is measured before and after, in the same run.
/// </summary>
internal sealed class IdleWorkload : IWorkload
{
    private const int DefaultGroups = 100;
    private static readonly int[] Outstanding = [1, 64];

    private readonly Option<int> _groups = new("--groups")
    {
        Description = "Groups beside the busy one, 1 to 1000.",
        DefaultValueFactory = _ => DefaultGroups,
    };

    public IdleWorkload() => _groups.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is < 1 or > 1000)
        {
            result.AddError("--groups takes 1 to 1000.");
        }
    });

    public string Name => "idle";

    public string Description => "What idle groups cost, and a busy one among them beside the same alone.";

    public IReadOnlyList<Option> Options => [_groups];

    public bool StandsOnFloors => false;

    public bool NeedsOwnCluster => true;

    public bool NeedsRegistry => false;

    public async Task RunAsync(LoadContext context, CancellationToken cancellationToken)
    {
        var groups = context.Arguments.GetValue(_groups);
        await context.Meter.WarmUpAsync("idle", New(context, 64), context.Window / 2, cancellationToken);
        await AtRestAsync(context, "alone", cancellationToken);
        var before = await BusyAsync(context, "alone, before", cancellationToken);
        var among = await AmongAsync(context, groups, cancellationToken);
        var after = await BusyAsync(context, "alone, after", cancellationToken);
        for (var i = 0; i < Outstanding.Length; i++)
        {
            var (p50, rate) = (Mean(one => one.P50 ?? 0), Mean(one => one.PerSecond));
            context.Report.Note(FormattableString.Invariant(
                $"idle: among {groups} idle groups, {Outstanding[i]} outstanding: p50 ")
                + FormattableString.Invariant($"{among[i].P50 / p50:F2} x and rate ")
                + FormattableString.Invariant($"{among[i].PerSecond / rate:F2} x those of the group alone."));

            double Mean(Func<Measured, double> of) => (of(before[i]) + of(after[i])) / 2;
        }
    }

    private static async Task<IReadOnlyList<Measured>> AmongAsync(
        LoadContext context, int groups, CancellationToken cancellationToken)
    {
        await using var cluster = await LoadCluster.StartAsync(
            context.Broker, registry: null, context.Progress, idleGroups: groups);
        await using var view = await ClusterView.StartAsync(cluster, cancellationToken);
        await view.LeaderAsync(ClusterPlan.LoadGroup, cancellationToken);
        var inner = context with
        {
            Cluster = cluster,
            View = view,
            Meter = new Meter(new CpuMeter(() => cluster.ProcessIds), context.Progress),
        };
        await inner.Meter.WarmUpAsync("idle", New(inner, 64), context.Window / 2, cancellationToken);
        await AtRestAsync(inner, $"with {groups} idle groups", cancellationToken);
        return await BusyAsync(inner, $"among {groups} idle groups", cancellationToken);
    }

    /// <summary>Nobody proposes anything.</summary>
    private static async Task AtRestAsync(
        LoadContext context, string name, CancellationToken cancellationToken)
    {
        context.Progress.Show($"idle, {name}: at rest");
        var nodes = context.Cluster.Services.Where(service => ClusterPlan.Nodes.Contains(service.Name));
        var cpu = new CpuMeter(() => nodes.Select(node => node.ProcessId).OfType<int>());
        var before = await CountsAsync(nodes, cancellationToken);
        var (started, first) = (Clock.Now, cpu.Read());
        await Clock.Wait(context.Window, cancellationToken);
        var (took, last) = (Clock.Since(started), cpu.Read());
        var after = await CountsAsync(nodes, cancellationToken);
        var cores = first.Until(last, took);
        context.Report.Note(FormattableString.Invariant(
            $"idle, {name}: at rest the three nodes receive {PerSecond(one => one.Messages):N0} messages/s, ")
            + FormattableString.Invariant($"{PerSecond(one => one.Bytes) / 1024:N1} KiB/s, do ")
            + FormattableString.Invariant($"{PerSecond(one => one.Steps):N0} steps/s, and use ")
            + FormattableString.Invariant($"{cores.Services:F3} cores together."));

        double PerSecond(Func<NodeCounts, long> of) => (after.Sum(of) - before.Sum(of)) / took.TotalSeconds;
    }

    private static async Task<List<NodeCounts>> CountsAsync(
        IEnumerable<LoadService> nodes, CancellationToken cancellationToken)
    {
        var counts = new List<NodeCounts>();
        foreach (var node in nodes)
        {
            if (await node.CountsAsync(cancellationToken) is { } count) counts.Add(count);
        }
        return counts;
    }

    private static async Task<IReadOnlyList<Measured>> BusyAsync(
        LoadContext context, string name, CancellationToken cancellationToken)
    {
        var all = new List<Measured>();
        foreach (var outstanding in Outstanding)
        {
            var measured = await context.Meter.MeasureAsync(
                $"idle, {name}, {outstanding} outstanding", New(context, outstanding), context.Window,
                cancellationToken);
            context.Report.Add(new Row
            {
                Section = "idle",
                Name = "proposals, " + name,
                InFlight = outstanding,
                Measured = measured[0],
            });
            all.Add(measured[0]);
        }
        return all;
    }

    private static RequestLoad New(LoadContext context, int outstanding) => RequestLoad.Closed(
        context.Cluster, context.View, new Proposals(context.Cluster.Links.Names), outstanding);
}
