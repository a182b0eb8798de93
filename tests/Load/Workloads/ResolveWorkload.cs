using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Client;
using Muster.Load.Floors;
using Muster.Load.Measuring;
using Muster.Load.Reporting;
using Muster.Load.Resolving;
using Muster.Views;

namespace Muster.Load.Workloads;

/// <summary>Resolves of services, by each of the ways that an answer can come.</summary>
internal sealed class ResolveWorkload : IWorkload
{
    private static readonly int[] Outstanding = [1, FloorId.Many];

    public string Name => "resolve";

    public string Description =>
        $"Resolves of {RegisteredServices.Count} services of {RegisteredServices.InstancesEach} instances: "
        + "from the local copy, from Redis, over the bus cached and linearizable.";

    public IReadOnlyList<Option> Options => [];

    public bool StandsOnFloors => true;

    public bool NeedsOwnCluster => false;

    public bool NeedsRegistry => true;

    public async Task RunAsync(LoadContext context, CancellationToken cancellationToken)
    {
        context.Progress.Show("resolve: registering the instances");
        await using var services = await RegisteredServices.RegisterAsync(context.Cluster, cancellationToken);
        await using var client = context.Cluster.NewClient("resolves");
        await MeasureAsync(
            context, ResolvePath.Local, workers => new LocalLoad(client, services, workers), _ => [],
            cancellationToken);
        await MeasureRedisAsync(context, services, cancellationToken);
        foreach (var path in new[] { ResolvePath.BusCached, ResolvePath.BusLinearizable })
        {
            await MeasureAsync(
                context, path, workers => new ResolveLoad(client, services, path, workers), Comparison.For,
                cancellationToken);
        }
        Explain(context, services);
    }

    private static async Task MeasureRedisAsync(
        LoadContext context, RegisteredServices services, CancellationToken cancellationToken)
    {
        if (context.Redis.Connection is not { } connection)
        {
            context.Report.Note($"resolve: the rows of Redis are left out. Redis: {context.Redis}");
            return;
        }
        await using var redis = new RedisServiceViews(
            new RedisOptions { Connection = connection }, context.Cluster.Name, TimeProvider.System,
            NullLogger<RedisServiceViews>.Instance);
        context.Progress.Show("resolve: waiting for the views in Redis");
        await services.AreInAsync(redis, cancellationToken);
        var views = new OutdatingViews(redis);
        await using var client = context.Cluster.NewClient("resolves by Redis", views);
        await MeasureAsync(
            context, ResolvePath.Redis,
            workers => new ResolveLoad(client, services, ResolvePath.Redis, workers, views),
            Comparison.ForRedis, cancellationToken);
    }

    private static async Task MeasureAsync(
        LoadContext context, ResolvePath path, Func<int, ILoad> newLoad,
        Func<int, IReadOnlyList<Comparison>> against, CancellationToken cancellationToken)
    {
        await context.Meter.WarmUpAsync(
            "resolve, " + path.Name, newLoad(FloorId.Many), context.Window / 2, cancellationToken);
        foreach (var workers in Outstanding)
        {
            var measured = await context.Meter.MeasureAsync(
                $"resolve, {path.Name}, {workers} outstanding", newLoad(workers), context.Window,
                cancellationToken);
            context.Report.Add(new Row
            {
                Section = "resolve",
                Name = path.Name,
                InFlight = workers,
                Measured = measured[0],
                Against = against(workers),
            });
        }
    }

    private static void Explain(LoadContext context, RegisteredServices services)
    {
        context.Report.Note(FormattableString.Invariant(
            $"resolve: {RegisteredServices.Count} services of {RegisteredServices.InstancesEach} instances, ")
            + $"each view some {services.ViewBytes} bytes of JSON; another client of this process keeps "
            + "their leases meanwhile. All workers use one client, no two of them the same service at a "
            + "time.");
        context.Report.Note(
            $"resolve, local: a worker's {LocalLoad.Together} resolves in a row are timed together, and each "
            + "counts with their mean; 64 workers share the processors there are, since none of them waits. "
            + "A service that was read again meanwhile, once a minute, counts as refused.");
        context.Report.Note(
            "resolve, Redis: before each the client is told that the service has changed, as the registry's "
            + "announcements do, so it reads the view by a script and parses it. The floor reads or writes "
            + "256 B.");
        context.Report.Note(
            "resolve, bus: a client without Redis asks a registry replica each time (MaxAge 0), which "
            + "answers from its own copy, or after a ReadIndex.");
    }
}
