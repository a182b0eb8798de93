using System.CommandLine;
using Muster.Load.Floors;
using Muster.Load.Measuring;
using Muster.Load.Reporting;
using Muster.Load.Requests;
using Muster.Load.Stage;
using Muster.Load.Workloads;

namespace Muster.Load;

/// <summary>
/// Sets the stage, measures the floors around the workloads, and takes everything down again.
/// </summary>
internal sealed class LoadRun(
    LoadSettings settings, ParseResult arguments, IReadOnlyList<IWorkload> workloads, IProgressLine progress)
{
    private static readonly TimeSpan ShortestFloor = TimeSpan.FromSeconds(1);

    private IReadOnlyList<IWorkload> Possible { get; } =
        [.. workloads.Where(workload => settings.Cluster is null || !workload.NeedsOwnCluster)];

    public async Task<Report> RunAsync(CancellationToken cancellationToken)
    {
        // Before anything is started for nothing.
        if (Possible.Count == 0)
        {
            throw new LoadException(
                $"{workloads[0].Name} kills processes, and those of cluster {settings.Cluster} are not this "
                + "run's: leave --cluster out, or choose another command.");
        }
        await using var broker = await LoadBroker.OpenAsync(settings.Bus, progress);
        progress.Say($"Broker: {broker}");
        await using var cluster = settings.Cluster is null
            ? await LoadCluster.StartAsync(broker, progress)
            : LoadCluster.Running(broker, settings.Cluster);
        await using var view = await ClusterView.StartAsync(cluster, cancellationToken);
        var context = new LoadContext
        {
            Broker = broker,
            Cluster = cluster,
            View = view,
            Meter = new Meter(new CpuMeter(() => cluster.ProcessIds), progress),
            Report = new Report(Facts.Of(broker, cluster, settings.Window)),
            Progress = progress,
            Window = settings.Window,
            Arguments = arguments,
        };
        await MeasureAsync(context, cancellationToken);
        progress.Show("measured; ending the services");
        return context.Report;
    }

    private async Task MeasureAsync(LoadContext context, CancellationToken cancellationToken)
    {
        await context.View.LeaderAsync(ClusterPlan.LoadGroup, cancellationToken);
        var half = context.Window / 2;
        var floors = new FloorSet(
            context.Broker.Uri, context.Cluster.Folder, context.Meter,
            half > ShortestFloor ? half : ShortestFloor);
        foreach (var left in workloads.Except(Possible))
        {
            context.Report.Note($"{left.Name}: left out, since it kills processes of a cluster of its own.");
        }
        if (Possible.Any(workload => workload.StandsOnFloors))
        {
            await floors.WarmUpAsync(cancellationToken);
            await floors.MeasureAsync("before", context.Report, cancellationToken);
        }
        foreach (var workload in Possible)
        {
            await workload.RunAsync(context, cancellationToken);
            if (workload.StandsOnFloors)
            {
                await floors.MeasureAsync("after " + workload.Name, context.Report, cancellationToken);
            }
        }
    }
}
