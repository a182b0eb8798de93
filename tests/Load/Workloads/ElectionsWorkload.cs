using System.CommandLine;
using Muster.Cluster;
using Muster.Load.Measuring;
using Muster.Load.Requests;
using Muster.Load.Stage;

namespace Muster.Load.Workloads;

/// <summary>
/// How often a leader is taken for dead while nobody dies: at rest, then under full load. Each such election
/// has to have a stall on one of the nodes shortly before it, or the run fails.
/// </summary>
internal sealed class ElectionsWorkload : IWorkload
{
    private const int DefaultMinutes = 60;
    private const int Outstanding = 256;
    private const int SnapshotBytes = 256 * 1024;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The longest election timeout, and as much again for rounds that nobody won, before who won is leader.
    /// </summary>
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(2);

    private readonly Option<int> _minutes = new("--minutes")
    {
        Description = "Under load, 0 to 600.",
        DefaultValueFactory = _ => DefaultMinutes,
    };

    private readonly Option<int> _restMinutes = new("--rest-minutes")
    {
        Description = "At rest before that, 0 to 600.",
        DefaultValueFactory = _ => DefaultMinutes,
    };

    public ElectionsWorkload()
    {
        foreach (var option in new[] { _minutes, _restMinutes })
        {
            option.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() is < 0 or > 600)
                {
                    result.AddError($"{option.Name} takes 0 to 600.");
                }
            });
        }
    }

    public string Name => "elections";

    public string Description =>
        "Elections while nobody dies, at rest and under full load, and the stalls that made them.";

    public IReadOnlyList<Option> Options => [_minutes, _restMinutes];

    public bool StandsOnFloors => false;

    public bool NeedsOwnCluster => true;

    public bool NeedsRegistry => false;

    public async Task RunAsync(LoadContext context, CancellationToken cancellationToken)
    {
        var atRest = TimeSpan.FromMinutes(context.Arguments.GetValue(_restMinutes));
        var underLoad = TimeSpan.FromMinutes(context.Arguments.GetValue(_minutes));
        if (atRest == TimeSpan.Zero && underLoad == TimeSpan.Zero)
        {
            throw new LoadException("Neither at rest nor under load there is any time to watch.");
        }
        if (atRest > TimeSpan.Zero)
        {
            await WatchAsync(context, "at rest", atRest, Task.CompletedTask, cancellationToken);
        }
        if (underLoad > TimeSpan.Zero)
        {
            await UnderLoadAsync(context, underLoad, cancellationToken);
        }
    }

    private static async Task UnderLoadAsync(
        LoadContext context, TimeSpan time, CancellationToken cancellationToken)
    {
        var kind = new Proposals(context.Cluster.Links.Names, SnapshotBytes);
        var load = RequestLoad.Closed(context.Cluster, context.View, kind, Outstanding);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = load.RunAsync(stop.Token);
        load.Tallies[0].Open(Clock.Now);
        await WatchAsync(context, $"under load, {Outstanding} outstanding", time, running, cancellationToken);
        await stop.CancelAsync();
        await running;
    }

    private static async Task WatchAsync(
        LoadContext context, string name, TimeSpan time, Task running, CancellationToken cancellationToken)
    {
        var (started, from) = (Clock.Now, TimeProvider.System.GetUtcNow());
        // A node keeps its newest 100: whoever looks more rarely may miss some.
        var (elections, stalls) = (new HashSet<NodeElection>(), new HashSet<NodeStall>());
        while (true)
        {
            var left = time - Clock.Since(started);
            if (left > TimeSpan.Zero) await Clock.Wait(left < Look ? left : Look, cancellationToken);
            if (running.IsFaulted) await running;
            foreach (var node in ClusterPlan.Nodes)
            {
                if (await context.Cluster.Service(node).TroublesAsync(cancellationToken) is not { } told)
                {
                    continue;
                }
                elections.UnionWith(told.Elections.Where(one => one.At >= from));
                stalls.UnionWith(told.Stalls.Where(one => one.From + one.Length >= from));
            }
            context.Progress.Show($"elections, {name}: {Clock.Since(started):hh\\:mm\\:ss} of {time}, "
                + $"{elections.Count} elections, {stalls.Count} stalls");
            if (left <= TimeSpan.Zero) break;
        }
        Judge(context, name, time, elections, stalls);
    }

    private static void Judge(
        LoadContext context, string name, TimeSpan time, HashSet<NodeElection> elections,
        HashSet<NodeStall> stalls)
    {
        foreach (var election in elections.OrderBy(one => one.At))
        {
            var why = stalls
                .Where(stall => stall.From <= election.At
                    && stall.From + stall.Length >= election.At - Before)
                .MaxBy(stall => stall.Milliseconds);
            var line = FormattableString.Invariant($"elections, {name}: {election.Group} in term ")
                + FormattableString.Invariant($"{election.Term} at {election.At:HH:mm:ss.fff}, for ")
                + election.Cause;
            if (why is null)
            {
                throw new LoadException(line + ": no node stood still for half an election timeout.");
            }
            context.Report.Note(FormattableString.Invariant(
                $"{line}: {why.Kind} stood still for {why.Milliseconds} ms."));
        }
        context.Report.Note(FormattableString.Invariant(
            $"elections, {name}: {elections.Count} in {time.TotalMinutes:F0} min, which is ")
            + FormattableString.Invariant($"{elections.Count / time.TotalHours:F2} an hour; stalls: ")
            + FormattableString.Invariant($"{stalls.Count(one => one.Kind == "Loop")} of a loop, ")
            + FormattableString.Invariant($"{stalls.Count(one => one.Kind == "Broker")} of the broker, the ")
            + FormattableString.Invariant(
                $"longest {stalls.Select(one => one.Milliseconds).DefaultIfEmpty().Max()} ms."));
    }
}
