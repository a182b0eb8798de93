using System.CommandLine;
using Muster.Load.Floors;
using Muster.Load.Measuring;
using Muster.Load.Reporting;
using Muster.Load.Requests;
using Muster.Load.Stage;

namespace Muster.Load.Workloads;

/// <summary>
/// What a start of a node takes, by the clock and of the processors: with an empty log, and with one that
/// nobody cut until it was full.
/// </summary>
internal sealed class RestartWorkload : IWorkload
{
    public const int Outstanding = 1000;
    private const int Restarts = 5;
    private static readonly TimeSpan FillLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Option<int> _entryBytes = new("--entry-bytes")
    {
        Description = "Of each entry, 1 to 65,536: with small ones the log is full by its entries, with "
            + "large ones by its bytes.",
        DefaultValueFactory = _ => Payload.Bytes,
    };

    public RestartWorkload() => _entryBytes.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is not (< 1 or > 65_536)) return;
        result.AddError("--entry-bytes takes 1 to 65536.");
    });

    public string Name => "restart";

    public string Description =>
        "kill -9 and start of a node, with an empty and with a full log: from its process to ready.";

    public IReadOnlyList<Option> Options => [_entryBytes];

    public bool StandsOnFloors => false;

    public bool NeedsOwnCluster => true;

    public bool NeedsRegistry => false;

    public async Task RunAsync(LoadContext context, CancellationToken cancellationToken)
    {
        await MeasureAsync(context, cancellationToken);
        var bytes = context.Arguments.GetValue(_entryBytes);
        var kind = new Proposals(context.Cluster.Links.Names, entryBytes: bytes) { OffersSnapshots = false };
        var load = RequestLoad.Closed(context.Cluster, context.View, kind, Outstanding);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = load.RunAsync(stop.Token);
        load.Tallies[0].Open(Clock.Now);
        await FillAsync(context, load.Tallies[0], running, cancellationToken);
        await stop.CancelAsync();
        await running;
        await MeasureAsync(context, cancellationToken);
    }

    /// <summary>Until the leader refuses what comes, since nobody lets it cut its log.</summary>
    public static async Task FillAsync(
        LoadContext context, Tally tally, Task running, CancellationToken cancellationToken)
    {
        var (started, before) = (Clock.Now, tally.RefusedCount);
        while (tally.RefusedCount < before + Outstanding)
        {
            if (Clock.Since(started) > FillLimit) throw new LoadException("The log did not run full.");
            context.Progress.Show($"the log fills, {tally.Count:N0} done");
            if (running.IsCompleted) await running;
            await Clock.Wait(Pause, cancellationToken);
        }
    }

    /// <summary>Kills and starts a follower, some times.</summary>
    public static async Task MeasureAsync(LoadContext context, CancellationToken cancellationToken)
    {
        await context.View.AllCaughtUpAsync(ClusterPlan.LoadGroup, cancellationToken);
        var leader = await context.View.LeaderAsync(ClusterPlan.LoadGroup, cancellationToken);
        var follower = leader.Members.First(member => member != leader.Node);
        var service = context.Cluster.Service(follower.Value);
        var (times, processor, starts) = (new List<double>(), new List<double>(), new List<NodeStart>());
        for (var restart = 1; restart <= Restarts; restart++)
        {
            service.Kill9();
            await service.GoneAsync();
            var started = Clock.Now;
            await service.StartAsync();
            await service.ReadyAsync(LoadCluster.Patience);
            times.Add(Clock.Since(started).TotalMilliseconds);
            if (service.ProcessId is { } process) processor.Add(1000 * CpuMeter.OfProcess(process));
            starts.Add((await service.StartTimesAsync(cancellationToken))!);
            await context.View.AllCaughtUpAsync(ClusterPlan.LoadGroup, cancellationToken);
        }
        var what = $"start with {starts[^1].Entries:N0} entries";
        context.Report.Add(new FaultTimes(what + ", from its process to healthy", times));
        Add("its file open", start => start.Opened);
        Add("all read and checked", start => start.Read);
        Add("connected", start => start.Connected);
        Add("takes part", start => start.Ready);
        context.Report.Add(new FaultTimes(what + ", processor time", processor));

        void Add(string phase, Func<NodeStart, double> time) =>
            context.Report.Add(new FaultTimes($"{what}, {phase}", [.. starts.Select(time)]));
    }
}
