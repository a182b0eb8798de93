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

    private bool NeedsRegistry => Possible.Any(workload => workload.NeedsRegistry);

    private bool NeedsDetectors => Possible.Any(workload => workload.NeedsDetectors);

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
        await using var redis = await OpenRedisAsync();
        await using var cluster = settings.Cluster is null
            ? await LoadCluster.StartAsync(broker, NeedsRegistry ? redis : null, progress, NeedsDetectors)
            : LoadCluster.Running(broker, settings.Cluster);
        await using var view = await ClusterView.StartAsync(cluster, cancellationToken);
        var context = new LoadContext
        {
            Broker = broker,
            Redis = redis,
            Cluster = cluster,
            View = view,
            Meter = new Meter(new CpuMeter(() => cluster.ProcessIds), progress),
            Report = new Report(Facts.Of(broker, redis, cluster, settings.Window)),
            Progress = progress,
            Window = settings.Window,
            Arguments = arguments,
        };
        try
        {
            await MeasureAsync(context, cancellationToken);
        }
        catch (LoadException failure) when (context.Report.Rows.Count > 0)
        {
            context.Report.BreakOff(failure.Message); // what was measured so far is worth being seen
        }
        progress.Show("measured; ending the services");
        return context.Report;
    }

    private async Task<LoadRedis> OpenRedisAsync()
    {
        if (!NeedsRegistry)
        {
            return LoadRedis.None("nothing here needs it");
        }
        if (settings.Redis is null && settings.Cluster is not null)
        {
            return LoadRedis.None($"--redis does not name the one of cluster {settings.Cluster}");
        }
        var redis = await LoadRedis.OpenAsync(settings.Redis, progress);
        progress.Say($"Redis: {redis}");
        return redis;
    }

    private async Task MeasureAsync(LoadContext context, CancellationToken cancellationToken)
    {
        await context.View.LeaderAsync(ClusterPlan.LoadGroup, cancellationToken);
        var half = context.Window / 2;
        var floors = new FloorSet(
            context.Broker.Uri, context.Redis.Connection, context.Cluster.Folder, context.Meter,
            half > ShortestFloor ? half : ShortestFloor);
        foreach (var left in workloads.Except(Possible))
        {
            context.Report.Note($"{left.Name}: left out, since it kills processes of a cluster of its own.");
        }
        if (Possible.Any(workload => workload.StandsOnFloors))
        {
            await floors.WarmUpAsync(NeedsRegistry, cancellationToken);
            await floors.MeasureAsync("before", NeedsRegistry, context.Report, cancellationToken);
        }
        foreach (var workload in Possible)
        {
            await workload.RunAsync(context, cancellationToken);
            if (workload.StandsOnFloors)
            {
                await floors.MeasureAsync(
                    "after " + workload.Name, workload.NeedsRegistry, context.Report, cancellationToken);
            }
        }
    }
}
